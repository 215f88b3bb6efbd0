namespace Spillway.Transports.Parked;

/// <summary>What is watched on a socket, and what has happened to it: epoll's numbers.</summary>
[Flags]
internal enum SocketEvents : uint
{
    None = 0,
    In = 0x1,
    Out = 0x4,
    Error = 0x8, // Always told.
    HangUp = 0x10, // Both directions have ended. Always told.
    PeerHangUp = 0x2000, // EPOLLRDHUP: the peer sends no more.
    EdgeTriggered = 1u << 31,

    /// <summary>What every socket is registered with, once for life: no call ever changes it.</summary>
    Socket = In | Out | PeerHangUp | EdgeTriggered,

    /// <summary>The end of what the peer sends may come with its last bytes in one edge: read until 0 or "would block", a short read proves nothing.</summary>
    Ending = Error | HangUp | PeerHangUp,
}
