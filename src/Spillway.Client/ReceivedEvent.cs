using System.Text;

namespace Spillway.Client;

/// <summary>An event of the subscription.</summary>
public sealed record ReceivedEvent : StreamItem
{
    internal ReceivedEvent(string cursor)
        : base(cursor)
    {
    }

    /// <summary>The canonical topic.</summary>
    public required string Topic { get; init; }

    /// <summary>What kind of event it is; null if the publisher named none.</summary>
    public string? Type { get; init; }

    /// <summary>The value within the topic that this event replaces; null if the publisher named none.</summary>
    public string? Key { get; init; }

    /// <summary>When the hub took the event, by its clock.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The media type of <see cref="Payload"/>; null if the publisher named none.</summary>
    public string? ContentType { get; init; }

    /// <summary>
    /// The bytes that were published. But for <see cref="Transport.WebSocket"/>, JSON comes without its line breaks, and what was published as JSON and is none comes as a JSON string of its text.
    /// </summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The payload read as UTF-8. Bytes that are not valid become U+FFFD.</summary>
    public string Text => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>The W3C <c>traceparent</c> under which the event was published; null if there was none.</summary>
    public string? TraceParent { get; init; }
}
