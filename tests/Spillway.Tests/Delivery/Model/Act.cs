namespace Spillway.Tests.Delivery.Model;

/// <summary>What a step of a script does.</summary>
internal enum Act
{
    /// <summary>Publishes <see cref="Step.Count"/> + 1 events to a topic, of a size, with what <see cref="Step.Flags"/> says.</summary>
    Publish,

    /// <summary>A subscriber begins anew: with a set, from now, from <see cref="Step.Count"/> events ago, with a snapshot or with a cursor ahead of the head.</summary>
    Subscribe,

    /// <summary>A subscriber takes nothing more.</summary>
    Stall,

    /// <summary>A subscriber takes so many bytes more.</summary>
    Room,

    /// <summary>A subscriber takes everything.</summary>
    Resume,

    /// <summary>A subscriber's connection breaks, and it comes back with its cursor.</summary>
    Reconnect,

    /// <summary>Time passes.</summary>
    Clock,

    /// <summary>Other rules are in force. The first such step says with which the loop begins, and, by <see cref="Step.Size"/>, what the world is like.</summary>
    Rules,

    /// <summary>The loop makes one turn.</summary>
    Turn,

    /// <summary>The loop turns until nothing is left to do.</summary>
    Settle,

    /// <summary>Other rules come into force in the middle: while a subscriber is written to, or (an odd <see cref="Step.Size"/>) while a page of history is made.</summary>
    RulesDuring,

    /// <summary>An event is published while a subscriber is written to.</summary>
    PublishDuring,

    /// <summary>So many others subscribe to a topic that it is swept.</summary>
    Crowd,

    /// <summary>The hub drains: every connection ends kindly, and nobody comes back.</summary>
    Drain,
}
