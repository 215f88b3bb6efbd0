using System.Text;

namespace Spillway.Client;

/// <summary>An event to publish. The hub checks every field; docs/protocol.md has the limits.</summary>
public sealed record OutgoingEvent
{
    /// <summary>The canonical topic: at most 512 bytes of UTF-8 and 32 segments divided by "/".</summary>
    public required string Topic { get; init; }

    /// <summary>Up to 15 more topics. A subscriber that matches several of them gets the event once.</summary>
    public IReadOnlyList<string> Alternates { get; init; } = [];

    /// <summary>What kind of event it is; the <c>event</c> field of Server-Sent Events. Default: none.</summary>
    public string? Type { get; init; }

    /// <summary>The bytes to deliver, at most 1 MiB unless the hub sets another limit. Default: none.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The payload as text, in UTF-8. Setting it sets <see cref="Payload"/>.</summary>
    public string Text
    {
        get => Encoding.UTF8.GetString(Payload.Span);
        init => Payload = Encoding.UTF8.GetBytes(value);
    }

    /// <summary>The media type of the payload. Default: <c>text/plain; charset=utf-8</c> if it is valid UTF-8, else <c>application/octet-stream</c>.</summary>
    public string? ContentType { get; init; }

    /// <summary>Names the value within the topic that this event replaces, for conflation and snapshots. Default: none.</summary>
    public string? Key { get; init; }

    /// <summary>What is given up last when a subscriber is slow. Default: what the hub's rule for the topic says, or <see cref="OutgoingPriority.Normal"/>.</summary>
    public OutgoingPriority? Priority { get; init; }

    /// <summary>After this time the event is no longer delivered: from 1 ms to 365 days, in whole milliseconds. Default: no limit.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>Only subscribers whose grant covers the event get it. Default: false.</summary>
    public bool Private { get; init; }

    /// <summary>The event is the last of its canonical topic: publishing to it afterwards is refused. Default: false.</summary>
    public bool Final { get; init; }

    /// <summary>
    /// The publisher's id: publishing it again within the hub's dedup window adds nothing. Default: one is made for each call, so that the client's own retries are harmless;
    /// name one to make yours harmless too.
    /// </summary>
    public string? Id { get; init; }

    /// <summary>The W3C <c>traceparent</c> under which the event is published. Default: that of the current activity, if there is one.</summary>
    public string? TraceParent { get; init; }
}
