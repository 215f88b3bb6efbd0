using System.Text.Json;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>How an event's fields are spelt, in JSON and in headers alike.</summary>
internal static class EventWords
{
    public static bool TryParsePriority(string text, out EventPriority? priority)
    {
        priority = text switch
        {
            "low" => EventPriority.Low,
            "normal" => EventPriority.Normal,
            "critical" => EventPriority.Critical,
            _ => null,
        };
        return priority is not null;
    }

    public static Problem BadPriority(string field, string text) =>
        Problem.InvalidEvent(field, text, $"{field} \"{Problem.Cut(text)}\" is none; use \"low\", \"normal\" or \"critical\".");

    public static bool TryParseTtl(string text, out TimeSpan? ttl)
    {
        ttl = null;
        if (!Duration.TryParse(text, out var duration))
        {
            return false;
        }

        ttl = duration;
        return true;
    }

    public static Problem BadTtl(string field, string text) => Problem.InvalidEvent(
        field, text, $"{field} \"{Problem.Cut(text)}\" is no duration from 1 ms to 365 d; write seconds, or a number with ms, s, m, h or d, such as \"1.5h\".");

    /// <summary>Whether a media type is <c>application/json</c> or ends in <c>+json</c>, whatever its parameters.</summary>
    public static bool IsJson(string? contentType)
    {
        var type = contentType.AsSpan();
        var parameters = type.IndexOf(';');
        type = (parameters < 0 ? type : type[..parameters]).Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Where and why a text is not JSON.</summary>
    /// <param name="isLine">Whether the text is one line of many, whose number is told apart.</param>
    public static Problem BadJson(JsonException fault, bool isLine)
    {
        var end = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal); // It is said again, counted as editors count.
        var why = end < 0 ? fault.Message : fault.Message[..end];
        var line = isLine ? "" : $"line {(fault.LineNumber ?? 0) + 1}, ";
        return Problem.InvalidJson($"Not JSON at {line}byte {(fault.BytePositionInLine ?? 0) + 1}: {why}");
    }

    /// <summary>What a JSON token is, for people.</summary>
    public static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };
}
