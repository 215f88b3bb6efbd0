namespace Spillway.Ingress;

/// <summary>W3C Trace Context, section 3.2.</summary>
internal static class TraceParent
{
    private const int Length = 55; // 2 of version, 32 of trace, 16 of parent, 2 of flags, and 3 dashes.
    private const int MaxLength = 128; // A later version may say more, behind another dash.

    /// <summary>Gives the text back if it is well-formed, else null: section 4.3 asks to ignore it then.</summary>
    public static string? Check(string? text) => text is not null && IsWellFormed(text) ? text : null;

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        if (text.Length is < Length or > MaxLength || text[2] != '-' || text[35] != '-' || text[52] != '-')
        {
            return false;
        }

        var version = text[..2];
        if (!IsHex(version) || version is "ff" || (version is "00" ? text.Length != Length : text.Length > Length && text[Length] != '-'))
        {
            return false;
        }

        var trace = text[3..35];
        var parent = text[36..52];
        return IsHex(trace) && IsHex(parent) && IsHex(text[53..Length])
            && trace.ContainsAnyExcept('0') && parent.ContainsAnyExcept('0')
            && !text[Length..].ContainsAnyExceptInRange('!', '~');
    }

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
            {
                return false;
            }
        }

        return true;
    }
}
