using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Transports.Sse;

/// <summary>Reads a subscription from a JSON body.</summary>
internal static class SubscriptionBody
{
    public const string SelectorOption = "Limits:SelectorsInBody";

    private const string Known = "topics, patterns, format, signals, cursor, earliest, since, last, snapshot, latest, batch, wait, max";

    /// <summary>The request; null and a problem if it is not good.</summary>
    public static SubscriptionRequest? Read(ReadOnlySpan<byte> body, string lastEventId, LimitOptions limits, DateTimeOffset now, out Problem? problem, PollingOptions? polling = null)
    {
        if (!Utf8.IsValid(body))
        {
            problem = Problem.InvalidJson("The body is not valid UTF-8; send JSON in UTF-8.");
            return null;
        }

        var draft = new SubscriptionDraft(limits.SelectorsInBody, SelectorOption, limits, now, polling);
        try
        {
            problem = Take(draft, body);
        }
        catch (JsonException exception)
        {
            problem = Problem.InvalidJson($"The body is not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}; send one JSON object.");
        }

        return problem is null ? draft.Build("topics", lastEventId, out problem) : null;
    }

    private static Problem? Take(SubscriptionDraft draft, ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Problem.InvalidJson("The body is not a JSON object; send {\"topics\":[…]}.");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        Problem? problem = null;
        while (problem is null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Problem.Cut(TextOf(ref reader)); // No member that is known is as long.
            reader.Read();
            problem = names.Add(name)
                ? TakeMember(draft, name, ref reader)
                : Problem.InvalidParameter(name, null, $"The member \"{name}\" is given twice; send it once.");
        }

        if (problem is null)
        {
            reader.Read(); // Throws if anything follows the object.
        }

        return problem;
    }

    private static Problem? TakeMember(SubscriptionDraft draft, string name, ref Utf8JsonReader reader)
    {
        if (name.StartsWith('_') || (reader.TokenType == JsonTokenType.Null && IsKnown(name)))
        {
            reader.Skip(); // A null is how many programs write "none".
            return null;
        }

        return (name, reader.TokenType) switch
        {
            ("topics" or "patterns", JsonTokenType.StartArray) => TakeList(draft, name, ref reader),
            ("topics" or "patterns", _) => Mistyped(name, ref reader, "an array of strings"),
            ("format" or "cursor", JsonTokenType.String) => draft.Set(name, TextOf(ref reader)),
            ("format" or "cursor", _) => Mistyped(name, ref reader, "a string"),
            ("since", JsonTokenType.String or JsonTokenType.Number) => draft.Set(name, TextOf(ref reader)),
            ("since", _) => Mistyped(name, ref reader, "a time or a duration"),
            ("batch", JsonTokenType.String or JsonTokenType.Number) => draft.Set(name, TextOf(ref reader)),
            ("batch", _) => Mistyped(name, ref reader, "a duration"),
            ("wait", JsonTokenType.String or JsonTokenType.Number) => draft.Set(name, TextOf(ref reader)),
            ("wait", _) => Mistyped(name, ref reader, "a duration"),
            ("max", JsonTokenType.Number) => draft.Set(name, TextOf(ref reader)),
            ("max", _) => Mistyped(name, ref reader, "a number"),
            ("last", JsonTokenType.Number) => draft.Set(name, TextOf(ref reader)),
            ("last", _) => Mistyped(name, ref reader, "a number"),
            ("signals", JsonTokenType.True or JsonTokenType.False) => draft.Set(name, reader.GetBoolean() ? "on" : "off"),
            ("earliest" or "snapshot" or "latest", JsonTokenType.True or JsonTokenType.False) => draft.Set(name, TextOf(ref reader)),
            ("signals" or "earliest" or "snapshot" or "latest", _) => Mistyped(name, ref reader, "true or false"),
            _ => Problem.InvalidParameter(name, TextOf(ref reader), $"The member \"{name}\" is not known; there are {Known}."),
        };
    }

    private static Problem? TakeList(SubscriptionDraft draft, string name, ref Utf8JsonReader reader)
    {
        for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            var problem = reader.TokenType != JsonTokenType.String ? Mistyped(name, ref reader, "an array of strings")
                : name == "topics" ? draft.AddTopic(name, TextOf(ref reader))
                : draft.AddPattern(name, TextOf(ref reader));
            if (problem is not null)
            {
                return problem with { Index = index };
            }
        }

        return null;
    }

    private static bool IsKnown(string name) => Known.Split(", ").Contains(name, StringComparer.Ordinal);

    private static Problem Mistyped(string name, ref Utf8JsonReader reader, string expected)
    {
        var value = TextOf(ref reader);
        return Problem.InvalidParameter(name, value, $"The member \"{name}\" holds {Problem.Cut(value)}; send {expected}.");
    }

    /// <summary>A string's text, or what stands there for a number, a literal or a bracket.</summary>
    private static string TextOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }

        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD"; // Half of a surrogate pair, escaped. No name may hold this character, so the name is refused.
        }
    }
}
