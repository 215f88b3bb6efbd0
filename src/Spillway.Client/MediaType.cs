namespace Spillway.Client;

/// <summary>What a content type means for the JSON form of an event.</summary>
internal static class MediaType
{
    /// <summary>Whether a payload of this type stands in an event's JSON as the JSON value itself: <c>application/json</c> and <c>…+json</c>.</summary>
    public static bool IsJson(string? contentType)
    {
        var type = contentType.AsSpan();
        var semicolon = type.IndexOf(';');
        type = (semicolon < 0 ? type : type[..semicolon]).Trim();
        return type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }
}
