namespace Spillway.Mercure.Urls;

/// <summary>Paths that consist of segments: dots are resolved, each segment is encoded.</summary>
internal static class UrlPath
{
    /// <summary>Appends the segments of a text without its leading slash, and resolves dots.</summary>
    /// <param name="segments">Those that come before; the text may take them back.</param>
    /// <param name="text">The path from behind its first slash.</param>
    /// <param name="scheme">Special ones have two kinds of slashes; that of files has drives.</param>
    public static void Append(List<string> segments, string text, string scheme)
    {
        var (special, files) = (Schemes.IsSpecial(scheme), scheme == "file");
        for (var start = 0; start <= text.Length;)
        {
            var end = special ? text.AsSpan(start).IndexOfAny('/', '\\') : text.AsSpan(start).IndexOf('/');
            var last = end < 0;
            end = last ? text.Length : start + end;
            var segment = PercentSet.Path.Encode(text[start..end]);
            start = end + 1;
            if (IsDoubleDot(segment))
            {
                Shorten(segments, files);
                segment = "";
            }
            else if (IsDot(segment))
            {
                segment = "";
            }
            else
            {
                segments.Add(files && segments.Count == 0 && IsDrive(segment) ? $"{segment[0]}:" : segment);
                continue;
            }

            if (last)
            {
                segments.Add(segment); // Dots at the end leave the slash before them.
            }
        }
    }

    /// <summary>The path of an absolute text: segments behind its leading slash, if it has one.</summary>
    public static string Start(string text, string scheme)
    {
        var special = Schemes.IsSpecial(scheme);
        if (text.Length == 0 && !special)
        {
            return "";
        }

        var segments = new List<string>();
        Append(segments, text.Length > 0 && (text[0] == '/' || (special && text[0] == '\\')) ? text[1..] : text, scheme);
        return Join(segments);
    }

    /// <summary>Removes the last segment; the drive of a file stays.</summary>
    public static void Shorten(List<string> segments, bool files)
    {
        if (segments.Count > 0 && !(files && segments.Count == 1 && IsDrive(segments[0]) && segments[0][1] == ':'))
        {
            segments.RemoveAt(segments.Count - 1);
        }
    }

    public static string Join(List<string> segments) => segments.Count == 0 ? "" : "/" + string.Join('/', segments);

    /// <summary>Whether a text is the name of a drive: <c>c:</c>, or <c>c|</c> as it once was written.</summary>
    public static bool IsDrive(string text) => text.Length == 2 && char.IsAsciiLetter(text[0]) && text[1] is (':' or '|');

    /// <summary>Whether a text begins with the name of a drive.</summary>
    public static bool BeginsWithDrive(string text) => text.Length >= 2 && IsDrive(text[..2]) && (text.Length == 2 || text[2] is '/' or '\\');

    private static bool IsDot(string segment) => segment == "." || segment.Equals("%2e", StringComparison.OrdinalIgnoreCase);

    private static bool IsDoubleDot(string segment) =>
        segment.Length is >= 2 and <= 6 && segment.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) == "..";
}
