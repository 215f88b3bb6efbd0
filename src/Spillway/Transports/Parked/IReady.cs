namespace Spillway.Transports.Parked;

/// <summary>What the I/O thread watches: a socket that listens, or one that is connected.</summary>
internal interface IReady
{
    void OnReady(SocketEvents events);

    /// <summary>The thread ends: let go of the descriptor, now or soon.</summary>
    void OnStop();
}
