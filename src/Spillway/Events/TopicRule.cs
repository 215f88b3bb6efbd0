using System.ComponentModel.DataAnnotations;

namespace Spillway.Events;

/// <summary>How the events of some topics are kept and delivered. Rules are an ordered list: the first whose pattern matches the canonical topic applies.</summary>
public sealed class TopicRule
{
    internal const int MostKeys = 10_000_000;

    /// <summary>The topics it is for. The last rule's is <c>**</c>.</summary>
    [Required]
    public string Pattern { get; set; } = "**";

    /// <summary>Whether the events go to history. Without, they are ephemeral: delivered to whoever is connected, never replayed. Default: true.</summary>
    public bool History { get; set; } = true;

    /// <summary>What a slow connection gives up. Default: <see cref="OverflowPolicy.Replay"/> with history, <see cref="OverflowPolicy.DropOldest"/> without.</summary>
    public OverflowPolicy? Overflow { get; set; }

    /// <summary>The most events a slow connection may be behind before the policy applies. Default: 256.</summary>
    [Range(1, 65_536)]
    public int BacklogEvents { get; set; } = 256;

    /// <summary>The most bytes a slow connection may be behind before the policy applies. Default: 256 KiB.</summary>
    [Range(1_024, 64 * 1_024 * 1_024)]
    public int BacklogBytes { get; set; } = 256 * 1024;

    /// <summary>How long the events are kept, in place of <see cref="HistoryOptions.MaxAge"/>: shorter or longer. Default: none, as the hub's.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "36500.00:00:00")]
    public TimeSpan? MaxAge { get; set; }

    /// <summary>
    /// The rule's quota: of its events so many bytes are kept, the newest, over all its topics. Whatever comes for other topics, they stay until this is passed or they are
    /// too old. Default: none; they share what the hub's <see cref="HistoryOptions.MaxBytes"/> leaves.
    /// </summary>
    [Range(1_024, long.MaxValue)]
    public long? MaxBytes { get; set; }

    /// <summary>The same as a number of events. Default: none; they share what the hub's <see cref="HistoryOptions.MaxEvents"/> leaves.</summary>
    [Range(1, long.MaxValue)]
    public long? MaxEvents { get; set; }

    /// <summary>
    /// Whether the newest event of every topic and key outlives the rule's retention and the hub's, until a newer one comes, its ttl has passed, or its topic has ended. Public and
    /// private events are apart. Default: none does.
    /// </summary>
    public RetainMode Retain { get; set; } = RetainMode.None;

    /// <summary>With <see cref="Retain"/>: the most topics and keys of which it does; those that were not written for the longest are let go. Default: 100,000.</summary>
    [Range(1, MostKeys)]
    public int? MaxKeys { get; set; }

    /// <summary>How long the events that name no ttl are delivered, from 1 ms to 365 days. Default: no limit.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "365.00:00:00")]
    public TimeSpan? Ttl { get; set; }

    /// <summary>The priority of events that name none. Default: <see cref="EventPriority.Normal"/>.</summary>
    public EventPriority Priority { get; set; } = EventPriority.Normal;

    /// <summary>
    /// The least time between two writes of the rule's events to one connection, from 10 ms to 60 s: what comes in between is written together. Critical events do not
    /// wait, and neither does more than three quarters of what <see cref="BacklogEvents"/> and <see cref="BacklogBytes"/> allow. Default: none, they are written at once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan? Batch { get; set; }

    /// <summary>The policy that applies: <see cref="Overflow"/>, or the default for <see cref="History"/>.</summary>
    internal OverflowPolicy EffectiveOverflow => Overflow ?? (History ? OverflowPolicy.Replay : OverflowPolicy.DropOldest);

    /// <summary>The most keys: <see cref="MaxKeys"/>, or the default.</summary>
    internal int EffectiveMaxKeys => MaxKeys ?? 100_000;

    /// <summary>A copy that its owner does not change.</summary>
    internal TopicRule Copy() => (TopicRule)MemberwiseClone();
}
