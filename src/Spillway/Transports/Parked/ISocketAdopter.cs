using Spillway.Delivery;

namespace Spillway.Transports.Parked;

/// <summary>Who gets a detached socket. Exactly one of the two is called, once, on the transport's I/O thread: it may only hand the news on.</summary>
internal interface ISocketAdopter
{
    /// <summary>
    /// The socket is the adopter's, to be closed by it: connected, not blocking, watched by no epoll set, everything written before has been taken by the kernel.
    /// </summary>
    /// <param name="descriptor">It.</param>
    /// <param name="early">What the client sent beyond its request and nobody has read: pipelined requests, or frames of a WebSocket. Mostly empty. More may wait in the kernel.</param>
    void Adopt(int descriptor, byte[] early);

    /// <summary>It ended before, and the socket is closed: the client left, did not take what precedes its first event in time, or the transport stopped or failed.</summary>
    void Gone(CloseReason reason);
}
