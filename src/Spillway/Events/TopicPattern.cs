using System.Text;

namespace Spillway.Events;

/// <summary>A pattern over topics: a segment <c>*</c> is exactly one non-empty segment, a last segment <c>**</c> zero or more.</summary>
internal sealed class TopicPattern
{
    public const int MaxWildcards = 8;

    private static readonly byte[] Star = "*"u8.ToArray(); // Compared by reference: no literal segment is this array.

    private readonly byte[][] _segments;

    private TopicPattern(string text, byte[][] segments, bool openEnded)
    {
        Text = text;
        _segments = segments;
        OpenEnded = openEnded;
        Utf8 = Encoding.UTF8.GetBytes(text);
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>The pattern in UTF-8.</summary>
    public byte[] Utf8 { get; }

    /// <summary>Whether it ends in <c>**</c>.</summary>
    public bool OpenEnded { get; }

    /// <summary>The segments without a last <c>**</c>.</summary>
    public ReadOnlySpan<byte[]> Segments => _segments;

    public static bool TryParse(string text, out TopicPattern? pattern, out string fault)
    {
        pattern = null;
        if (!Topic.TryValidateText(text, out fault))
        {
            return false;
        }

        var parts = text.Split('/');
        var openEnded = parts[^1] == "**";
        var count = openEnded ? parts.Length - 1 : parts.Length;
        if (parts.AsSpan(0, count).Contains("**"))
        {
            fault = "has \"**\" before its end; it may only be the last segment";
            return false;
        }

        if (parts.Count(static part => part is "*" or "**") > MaxWildcards)
        {
            fault = $"has more than {MaxWildcards} wildcards";
            return false;
        }

        var segments = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            segments[i] = parts[i] == "*" ? Star : Encoding.UTF8.GetBytes(parts[i]);
        }

        pattern = new TopicPattern(text, segments, openEnded);
        return true;
    }

    /// <summary>Whether segment <paramref name="index"/> is <c>*</c>.</summary>
    public bool IsWildcard(int index) => ReferenceEquals(_segments[index], Star);

    public bool Matches(ReadOnlySpan<byte> topic)
    {
        for (var i = 0; i < _segments.Length; i++)
        {
            var slash = topic.IndexOf((byte)'/');
            var segment = slash < 0 ? topic : topic[..slash];
            if (IsWildcard(i) ? segment.IsEmpty : !segment.SequenceEqual(_segments[i]))
            {
                return false;
            }

            if (slash < 0)
            {
                return i == _segments.Length - 1; // "a/**" matches "a"; "a/b" does not.
            }

            topic = topic[(slash + 1)..];
        }

        return OpenEnded;
    }
}
