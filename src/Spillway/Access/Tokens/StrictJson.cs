using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace Spillway.Access.Tokens;

/// <summary>JSON from strangers: one object, valid UTF-8, no member twice at any depth, no comments, bounded nesting.</summary>
internal static class StrictJson
{
    /// <summary>Reads an object; the caller disposes it. <paramref name="fault"/> is the end of a sentence that begins with what is read.</summary>
    public static bool TryParseObject(ReadOnlyMemory<byte> utf8, int depth, [NotNullWhen(true)] out JsonDocument? document, out string fault)
    {
        (document, fault) = (null, "");
        if (!Utf8.IsValid(utf8.Span))
        {
            fault = "is not valid UTF-8";
            return false;
        }

        try
        {
            document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = depth, AllowDuplicateProperties = false });
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // The second: half of a surrogate pair, by an escape in a name.
        {
            fault = $"is not JSON with each member once and at most {depth} levels";
            return false;
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return true;
        }

        document.Dispose();
        document = null;
        fault = "is not a JSON object";
        return false;
    }

    /// <summary>Reads a text. False where the value is none, or holds half of a surrogate pair.</summary>
    public static bool TryGetText(JsonElement value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Reads a member that may be missing: true and null. False where it is there, and no text.</summary>
    public static bool TryGetText(JsonElement owner, string name, out string? text)
    {
        text = null;
        return !owner.TryGetProperty(name, out var value) || TryGetText(value, out text);
    }
}
