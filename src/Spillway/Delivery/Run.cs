namespace Spillway.Delivery;

/// <summary>Encoded events that follow a cursor, in order, ready to be sent at once. Valid until the next gather or the end of the turn.</summary>
internal readonly ref struct Run
{
    /// <summary>The bytes of all events.</summary>
    public ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>The events' slots.</summary>
    public ReadOnlySpan<long> Slots { get; init; }

    /// <summary>Where each event ends, counted from <see cref="Base"/>.</summary>
    public ReadOnlySpan<int> Ends { get; init; }

    /// <summary>What to take off the ends: a suffix of a remembered run keeps its numbers.</summary>
    public int Base { get; init; }

    /// <summary>Whether more follows that did not fit.</summary>
    public bool More { get; init; }

    /// <summary>Whether an event of it ends a topic.</summary>
    public bool Final { get; init; }

    public int EndOf(int index) => Ends[index] - Base;
}
