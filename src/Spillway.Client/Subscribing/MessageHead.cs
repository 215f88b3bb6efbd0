using System.Text.Json;

namespace Spillway.Client.Subscribing;

/// <summary>Reads what an object of <c>spillway.v1.json</c> is, and its id, without reading the rest.</summary>
internal static class MessageHead
{
    /// <summary>What the object says it is; null for an answer to a command, or an object of a later version.</summary>
    /// <param name="message">The object, or its beginning.</param>
    /// <param name="isWhole">Whether the object is all there.</param>
    public static Arrival? Read(ReadOnlyMemory<byte> message, bool isWhole)
    {
        ArrivalKind? kind = null;
        string? id = null;
        var name = "";
        try
        {
            var reader = new Utf8JsonReader(message.Span, isWhole, default);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new JsonException("It is not an object.");
            }

            while ((kind is null || id is null) && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isId = reader.ValueTextEquals("id"u8);
                var isSignal = reader.ValueTextEquals("signal"u8);
                kind = isSignal ? ArrivalKind.Signal : reader.ValueTextEquals("topic"u8) ? ArrivalKind.Event : kind;
                if (!reader.Read() || !reader.TrySkip())
                {
                    break; // The beginning ends here.
                }

                id = isId ? reader.GetString() : id;
                name = isSignal ? reader.GetString() ?? "" : name;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw BlockDecoder.Malformed(e);
        }

        return !isWhole ? new Arrival(ArrivalKind.Oversized, id, default) : kind is { } known ? new Arrival(known, id, message, name) : null;
    }
}
