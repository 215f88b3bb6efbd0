using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Which connections are looked for. Asked on a loop: all of it is to be quick.</summary>
internal sealed record ConnectionFilter
{
    /// <summary>Whether a connection with this lease is wanted; null: with any.</summary>
    public Func<Lease?, bool>? Lease { get; init; }

    /// <summary>Whether one that is subscribed to this is wanted; null: to anything.</summary>
    public Func<SelectorSet, bool>? Selectors { get; init; }

    /// <summary>Where it gets its events from; null: from anywhere.</summary>
    public ConnectionState? State { get; init; }

    /// <summary>Whether it keeps up; null: whether or not.</summary>
    public bool? IsSlow { get; init; }
}
