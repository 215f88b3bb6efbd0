using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What a connection's own end asks of its loop. It is done between two events; a connection has one under way. As a task: done, or false where the connection has ended before.</summary>
internal sealed class ConnectionAsk(IConnectionPlace place) : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
{
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

    /// <summary>The connection ends with this when the bytes are written.</summary>
    public CloseReason? End { get; init; }
}
