using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What is asked of a connection's loop for it, mostly by its own end. It is done between two events, in the order in which it was asked; a lease alone is changed at once. As a task, what became of it.</summary>
internal sealed class ConnectionAsk(IConnectionPlace place) : TaskCompletionSource<AskOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>How many may wait for one connection: a command of its client, and renewals.</summary>
    public const int Most = 4;

    /// <summary>Which connection it is.</summary>
    public IConnectionPlace Connection => place;

    /// <summary>Bytes that are written as they are.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>A set that takes the place of the connection's: its strands, sorted, each once, resolved and referenced for the loop.</summary>
    public int[]? Strands { get; init; }

    /// <summary>Whether all of <see cref="Strands"/> are exact topics.</summary>
    public bool ExactOnly { get; init; }

    /// <summary>The slot before which <see cref="Strands"/> are not complete.</summary>
    public long Birth { get; init; }

    /// <summary>Makes what is written when the set has changed, from the position behind which the new set applies.</summary>
    public Func<Position, byte[]>? Answer { get; init; }

    /// <summary>The lease that it takes the place of: if the connection has another one meanwhile, nothing is done.</summary>
    public Lease? OldLease { get; init; }

    /// <summary>A lease that takes its place; null: it stays as it is.</summary>
    public Lease? NewLease { get; init; }

    /// <summary>The connection ends with this when the bytes are written.</summary>
    public CloseReason? End { get; init; }
}
