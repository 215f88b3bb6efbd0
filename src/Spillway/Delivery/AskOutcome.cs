namespace Spillway.Delivery;

/// <summary>What became of a <see cref="ConnectionAsk"/>.</summary>
internal enum AskOutcome
{
    /// <summary>The connection has ended before.</summary>
    Gone,

    Done,

    /// <summary>The connection's lease is another one than that for which it was asked: look again.</summary>
    Stale,

    /// <summary>Too much that was asked before waits for the connection to take bytes.</summary>
    Busy,
}
