namespace Spillway.Transports.WebSocket;

/// <summary>What a reader of frames has come upon.</summary>
internal enum FrameEvent : byte
{
    /// <summary>All bytes are taken, and nothing is whole.</summary>
    None,

    /// <summary>A whole text message.</summary>
    Message,
    Ping,
    Pong,
    Close,

    /// <summary>What came is not allowed; nothing more is read.</summary>
    Fault,
}
