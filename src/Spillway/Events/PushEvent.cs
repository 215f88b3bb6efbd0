namespace Spillway.Events;

/// <summary>What is published: a payload under a topic, with what the hub and its subscribers need to know about it.</summary>
public sealed class PushEvent
{
    /// <summary>The canonical topic: at most 512 bytes of UTF-8 and 32 segments divided by "/".</summary>
    public required string Topic { get; init; }

    /// <summary>Up to 15 more topics. A connection that matches several of them gets the event once.</summary>
    public IReadOnlyList<string> Alternates { get; init; } = [];

    /// <summary>What kind of event it is; the <c>event</c> field of Server-Sent Events. Default: none.</summary>
    public string? Type { get; init; }

    /// <summary>The bytes delivered; the hub never looks inside. Default: none.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The media type of <see cref="Payload"/>. Default: none, which subscribers read as text or bytes.</summary>
    public string? ContentType { get; init; }

    /// <summary>Names the value within the topic that this event replaces, for conflation and snapshots. Default: the topic itself.</summary>
    public string? Key { get; init; }

    /// <summary>What is given up last when a subscriber is slow. Default: that of the topic's rule, <see cref="EventPriority.Normal"/> unless it names another.</summary>
    public EventPriority? Priority { get; init; }

    /// <summary>After this time the event is no longer delivered. From 1 ms to 365 days. Default: that of the topic's rule, no limit unless it names one.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>Only subscribers whose grant covers the event get it. Default: false.</summary>
    public bool Private { get; init; }

    /// <summary>The event is the last of its canonical topic: publishing to it afterwards is refused. Default: false.</summary>
    public bool Final { get; init; }

    /// <summary>The publisher's id: publishing it again within the dedup window adds nothing. Default: none.</summary>
    public string? Id { get; init; }

    /// <summary>The W3C <c>traceparent</c> under which the event was published. Default: none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>After what time subscribers of Mercure are to come back when they lose the connection; null: they are told nothing.</summary>
    internal TimeSpan? Retry { get; init; }
}
