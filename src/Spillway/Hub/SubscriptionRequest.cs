using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>What a connection asks for, validated.</summary>
internal sealed record SubscriptionRequest(SelectorSet Selectors, WireFormat Format, bool Signals)
{
    /// <summary>Whether it wants only the newest event of each key while it is slow, whatever the rules say.</summary>
    public bool Latest { get; init; }

    /// <summary>The shortest <see cref="Batch"/> and <see cref="TopicRule.Batch"/>: what loops can tell apart.</summary>
    public static readonly TimeSpan ShortestBatch = TimeSpan.FromMilliseconds(BatchWheel.SlotMilliseconds);

    /// <summary>The least time between two writes of events that it asks for; null: what the rules say.</summary>
    public TimeSpan? Batch { get; init; }

    /// <summary>What it is as a poll; null: it asks for a stream.</summary>
    public Poll? Poll { get; init; }

    /// <summary>On what terms its connection may stay; null: on none.</summary>
    public Lease? Lease { get; init; }

    /// <summary>How cursors look to its subscriber; null: as the hub's do.</summary>
    public CursorCodec? Cursors { get; init; }

    public StartKind Start { get; init; }

    /// <summary>For <see cref="StartKind.Cursor"/>: the cursor as it was sent; it may belong to another history.</summary>
    public string Cursor { get; init; } = "";

    /// <summary>For <see cref="StartKind.Since"/>: milliseconds since 1970.</summary>
    public long Since { get; init; }

    /// <summary>For <see cref="StartKind.Last"/>.</summary>
    public int Last { get; init; }
}
