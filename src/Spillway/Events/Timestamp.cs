using System.Globalization;

namespace Spillway.Events;

/// <summary>Times as the protocol has them: RFC 3339 with a zone.</summary>
internal static class Timestamp
{
    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Reads a time as milliseconds since 1970; what is finer is cut off.</summary>
    public static bool TryParse(string text, out long milliseconds)
    {
        milliseconds = 0;
        var upper = text.ToUpperInvariant(); // RFC 3339 section 5.6: "t" and "z" may be lower case.
        if (!HasZone(upper)
            || !DateTimeOffset.TryParseExact(upper, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time))
        {
            return false;
        }

        milliseconds = time.ToUnixTimeMilliseconds();
        return true;
    }

    /// <summary>A time as messages tell it: to the second, in UTC whatever its zone is.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The framework's "K" is content without a zone, and would then take the machine's.</summary>
    private static bool HasZone(string text) =>
        text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
}
