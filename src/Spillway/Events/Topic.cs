using System.Globalization;
using System.Text;

namespace Spillway.Events;

/// <summary>The rules for names of topics. A topic is kept as UTF-8 and compared byte for byte.</summary>
internal static class Topic
{
    public const int MaxBytes = 512;
    public const int MaxSegments = 32;

    /// <summary>Says in <paramref name="fault"/> what is wrong with a name, as the end of a sentence that begins with the name.</summary>
    public static bool TryValidate(string name, out string fault)
    {
        if (!TryValidateText(name, out fault))
        {
            return false;
        }

        foreach (var segment in name.AsSpan().Split('/'))
        {
            if (name.AsSpan(segment) is "*" or "**")
            {
                fault = "has a segment that is a wildcard; topics are literal, only patterns may hold \"*\" or \"**\"";
                return false;
            }
        }

        return true;
    }

    /// <summary>The rules that topics and patterns share: length, valid UTF-8, no control or format characters, segments.</summary>
    public static bool TryValidateText(string name, out string fault)
    {
        fault = "";
        if (name.Length == 0)
        {
            fault = "is empty; give it 1 to 512 bytes";
            return false;
        }

        if (name.Length > MaxBytes || Encoding.UTF8.GetByteCount(name) > MaxBytes)
        {
            fault = $"is {Encoding.UTF8.GetByteCount(name)} bytes long; at most {MaxBytes} are allowed";
            return false;
        }

        foreach (var rune in name.EnumerateRunes())
        {
            // EnumerateRunes turns a lone surrogate into U+FFFD, so a real U+FFFD is refused too: it marks text that was damaged before.
            if (rune.Value == 0xFFFD || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format)
            {
                fault = $"holds U+{rune.Value:X4}; control and format characters and damaged text are not allowed";
                return false;
            }
        }

        var segments = name.AsSpan().Count('/') + 1;
        if (segments > MaxSegments)
        {
            fault = $"has {segments} segments; at most {MaxSegments} are allowed";
            return false;
        }

        return true;
    }
}
