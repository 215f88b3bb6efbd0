namespace Spillway.Delivery;

/// <summary>Where a loop's connections write: Kestrel's pipes, or sockets. Called by the loop's thread only.</summary>
internal interface IConnectionSink
{
    /// <summary>
    /// Writes as much as fits and returns how much that was. If <paramref name="ready"/> is false nothing may be written until the sink has posted
    /// <see cref="LoopCommand.Ready"/>. Returns −1 if the connection is broken.
    /// </summary>
    int Send(int connection, ReadOnlySpan<byte> bytes, out bool ready);

    /// <summary>Connections that the loop has forgotten, and that wait for their clients to close them; may be read by any thread.</summary>
    int Unclosed => 0;

    /// <summary>The loop has forgotten the connection, whose subscriber has everything up to <paramref name="offset"/>.</summary>
    void Close(int connection, CloseReason reason, long offset);
}
