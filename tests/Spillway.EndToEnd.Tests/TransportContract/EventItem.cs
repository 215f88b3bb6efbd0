using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Spillway.Events;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>An event as a subscriber has it.</summary>
/// <param name="Payload">Its bytes, each as the character of its number: records of it can be compared and shown.</param>
internal sealed record EventItem(string Id, string Payload) : StreamItem(Id)
{
    public string? Type { get; init; }

    public string? Topic { get; init; }

    public string? Key { get; init; }

    public string? ContentType { get; init; }

    public string? TraceParent { get; init; }

    /// <summary>The payload read as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(Payload));

    /// <summary>What docs/protocol.md makes of a published event in a transport.</summary>
    public static EventItem Of(PushEvent source, string id, TransportCase @case)
    {
        var payload = source.Payload.ToArray();
        return @case.CarriesMembers
            ? new EventItem(id, Bytes(@case.Transport != Transport.WebSocketBinary && source.ContentType == "application/json" ? OnOneLine(payload) : payload))
            {
                Type = source.Type,
                Topic = source.Topic,
                Key = source.Key,
                ContentType = source.ContentType,
                TraceParent = source.TraceParent,
            }
            : new EventItem(id, Bytes(InLines(payload))) { Type = source.Type };
    }

    /// <summary>Reads the object of <c>format=json</c> or of <c>spillway.v1.json</c>.</summary>
    public static EventItem FromJson(JsonElement json, string id)
    {
        Assert.True(DateTimeOffset.TryParse(json.GetProperty("time").GetString(), out _));
        var payload = json.TryGetProperty("payloadBase64", out var base64) ? base64.GetBytesFromBase64()
            : json.GetProperty("payload") is { ValueKind: JsonValueKind.String } text ? Encoding.UTF8.GetBytes(text.GetString()!)
            : Encoding.UTF8.GetBytes(json.GetProperty("payload").GetRawText());
        return new EventItem(id, Bytes(payload))
        {
            Type = Member(json, "type"),
            Topic = Member(json, "topic"),
            Key = Member(json, "key"),
            ContentType = Member(json, "contentType"),
            TraceParent = Member(json, "traceparent"),
        };
    }

    /// <summary>Reads a message of <c>spillway.v1.binary</c>.</summary>
    public static EventItem FromBinary(ReadOnlySpan<byte> message)
    {
        Assert.Equal((1, 0), (message[0], message[1]));
        Assert.InRange(BinaryPrimitives.ReadInt64LittleEndian(message[4..]), 1, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        Span<int> lengths =
            [message[12], message[13], BinaryPrimitives.ReadUInt16LittleEndian(message[14..]), message[16], message[17], BinaryPrimitives.ReadUInt16LittleEndian(message[18..])];
        var (members, at) = (new string?[lengths.Length], 20);
        for (var i = 0; i < lengths.Length; i++)
        {
            members[i] = lengths[i] == 0 ? null : Encoding.UTF8.GetString(message.Slice(at, lengths[i]));
            at += lengths[i];
        }

        Assert.Equal(at, BinaryPrimitives.ReadUInt16LittleEndian(message[2..]));
        return new EventItem(members[0]!, Bytes(message[at..]))
        {
            Type = members[1],
            Key = members[2],
            ContentType = members[3],
            TraceParent = members[4],
            Topic = members[5],
        };
    }

    public static string Bytes(ReadOnlySpan<byte> payload) => Encoding.Latin1.GetString(payload);

    private static string? Member(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    /// <summary>A JSON value loses its line breaks where it becomes a part of another.</summary>
    private static byte[] OnOneLine(byte[] payload) => [.. payload.Where(static b => b is not ((byte)'\r' or (byte)'\n'))];

    /// <summary>Lines of an event stream end in one way, and hold text.</summary>
    private static byte[] InLines(byte[] payload) => System.Text.Unicode.Utf8.IsValid(payload)
        ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(payload).Replace("\r\n", "\n").Replace('\r', '\n'))
        : Encoding.ASCII.GetBytes(Convert.ToBase64String(payload));
}
