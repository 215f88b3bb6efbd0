namespace Spillway.Tests.Delivery.Model;

/// <summary>What a step of a script does.</summary>
internal enum Act
{
    /// <summary>Publishes <see cref="Step.Count"/> + 1 events to a topic, of a size, with what <see cref="Step.Flags"/> says.</summary>
    Publish,

    /// <summary>A subscriber begins anew: with a set, from now or from <see cref="Step.Count"/> events ago.</summary>
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

    /// <summary>Other rules are in force.</summary>
    Rules,

    /// <summary>The loop makes one turn.</summary>
    Turn,

    /// <summary>The loop turns until nothing is left to do.</summary>
    Settle,
}
