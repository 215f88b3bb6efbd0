using System.Buffers;
using System.Text.Json;

namespace Spillway.Mercure.Active;

/// <summary>Writes what is told of subscriptions, in the words of either dialect (U1, U3).</summary>
internal static class SubscriptionDocument
{
    private const string Context = "https://mercure.rocks/"; // Of JSON-LD, which 0.x has.

    /// <summary>One subscription, as it is published.</summary>
    /// <param name="path">The hub's path, as clients know it.</param>
    /// <param name="subscriber">Whose it is.</param>
    /// <param name="entry">What is subscribed to.</param>
    /// <param name="isActive">Whether it begins; else it has ended.</param>
    public static byte[] Of(string path, Subscriber subscriber, SubscriptionEntry entry, bool isActive) => Write(json =>
    {
        json.WriteStartObject();
        WriteContext(json, entry.Dialect);
        WriteMembers(json, path, subscriber, entry, entry.Dialect, isActive);
        json.WriteEndObject();
    });

    /// <summary>One subscription, as it is asked for.</summary>
    public static byte[] Of(string path, Subscriber subscriber, SubscriptionEntry entry, Dialect dialect, string lastEventId) => Write(json =>
    {
        json.WriteStartObject();
        WriteContext(json, dialect);
        WriteMembers(json, path, subscriber, entry, dialect, subscriber.IsActive);
        json.WriteString(LastEventId(dialect), lastEventId);
        json.WriteEndObject();
    });

    /// <summary>Several subscriptions.</summary>
    public static byte[] Of(string path, string id, IEnumerable<(Subscriber Subscriber, SubscriptionEntry Entry)> all, Dialect dialect, string lastEventId) => Write(json =>
    {
        json.WriteStartObject();
        WriteContext(json, dialect);
        json.WriteString("id"u8, id);
        json.WriteString("type"u8, "Subscriptions"u8);
        json.WriteString(LastEventId(dialect), lastEventId);
        json.WriteStartArray("subscriptions"u8);
        foreach (var (subscriber, entry) in all)
        {
            json.WriteStartObject();
            WriteMembers(json, path, subscriber, entry, dialect, subscriber.IsActive);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static string LastEventId(Dialect dialect) => dialect == Dialect.Draft8 ? "last_event_id" : "lastEventID";

    private static void WriteContext(Utf8JsonWriter json, Dialect dialect)
    {
        if (dialect == Dialect.Classic)
        {
            json.WriteString("@context"u8, Context);
        }
    }

    private static void WriteMembers(Utf8JsonWriter json, string path, Subscriber subscriber, SubscriptionEntry entry, Dialect dialect, bool isActive)
    {
        json.WriteString("id"u8, $"{path}/subscriptions/{(entry with { Dialect = dialect }).PathOf(subscriber.Id)}");
        json.WriteString("type"u8, "Subscription"u8);
        if (dialect == Dialect.Draft8)
        {
            json.WriteString("match_type"u8, entry.Type);
            json.WriteString("match"u8, entry.Match);
        }
        else
        {
            json.WriteString("topic"u8, entry.Match);
        }

        json.WriteString("subscriber"u8, subscriber.Id);
        json.WriteBoolean("active"u8, isActive);
        if (entry.Payload is { } payload)
        {
            json.WritePropertyName("payload"u8);
            json.WriteRawValue(payload);
        }
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            write(json);
        }

        return bytes.WrittenSpan.ToArray();
    }
}
