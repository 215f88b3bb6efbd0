using System.Text;

namespace Spillway.Events;

/// <summary>A pattern over topics: a segment <c>*</c> is exactly one non-empty segment, a last segment <c>**</c> zero or more.</summary>
internal sealed class TopicPattern : TopicMatcher
{
    public const int MaxWildcards = 8;

    private readonly byte[][] _segments;

    private TopicPattern(string text, byte[][] segments, bool openEnded)
        : base(text, text, PrefixOf(segments))
    {
        _segments = segments;
        OpenEnded = openEnded;
    }

    /// <summary>The pattern <c>**</c>.</summary>
    public static TopicPattern Everything { get; } = new("**", [], openEnded: true);

    /// <summary>Whether it ends in <c>**</c>.</summary>
    public bool OpenEnded { get; }

    /// <summary>Whether it is <c>**</c>.</summary>
    public override bool MatchesAll => OpenEnded && _segments.Length == 0;

    /// <summary>How many segments it has, a last <c>**</c> not counted.</summary>
    public int SegmentCount => _segments.Length;

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
            segments[i] = Encoding.UTF8.GetBytes(parts[i]);
        }

        pattern = new TopicPattern(text, segments, openEnded);
        return true;
    }

    /// <summary>A segment in UTF-8.</summary>
    public byte[] Segment(int index) => _segments[index];

    /// <summary>Whether it matches every topic that another pattern matches.</summary>
    public bool Covers(TopicPattern other)
    {
        if (OpenEnded ? other.SegmentCount < SegmentCount : other.OpenEnded || other.SegmentCount != SegmentCount)
        {
            return false;
        }

        for (var i = 0; i < SegmentCount; i++)
        {
            // "*" is one segment that is not empty.
            if (_segments[i].AsSpan().SequenceEqual("*"u8) ? other._segments[i].Length == 0 : !_segments[i].AsSpan().SequenceEqual(other._segments[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether there is a topic that both match.</summary>
    public bool Overlaps(TopicPattern other)
    {
        for (var i = 0; i < Math.Min(SegmentCount, other.SegmentCount); i++)
        {
            ReadOnlySpan<byte> mine = _segments[i];
            ReadOnlySpan<byte> its = other._segments[i];
            if (mine.SequenceEqual("*"u8) ? its.IsEmpty : its.SequenceEqual("*"u8) ? mine.IsEmpty : !mine.SequenceEqual(its))
            {
                return false;
            }
        }

        return SegmentCount == other.SegmentCount || (SegmentCount < other.SegmentCount ? OpenEnded : other.OpenEnded);
    }

    /// <summary>The pattern that matches exactly the topics that both match; null where there is none.</summary>
    /// <remarks>Its text may be up to three bytes longer than a pattern that was written: <c>/**</c> behind what is as long as a topic may be.</remarks>
    public TopicPattern? Intersect(TopicPattern other)
    {
        if (Covers(other))
        {
            return other;
        }

        if (other.Covers(this))
        {
            return this;
        }

        if (!Overlaps(other))
        {
            return null;
        }

        var longer = SegmentCount >= other.SegmentCount ? this : other;
        var shorter = ReferenceEquals(longer, this) ? other : this;
        var segments = longer._segments.ToArray();
        for (var i = 0; i < shorter.SegmentCount; i++)
        {
            segments[i] = segments[i].AsSpan().SequenceEqual("*"u8) ? shorter._segments[i] : segments[i];
        }

        // "*" is at least one byte, as long as it is written: the shortest topic of the intersection.
        var shortest = segments.Sum(static segment => segment.Length) + segments.Length - 1;
        if (shortest > Topic.MaxBytes)
        {
            return null;
        }

        // Where both have as many segments, both must be open; where one has more, the shorter is open, or they would not overlap.
        var openEnded = longer.OpenEnded && (shorter.OpenEnded || shorter.SegmentCount < longer.SegmentCount);
        var text = string.Join('/', segments.Select(Encoding.UTF8.GetString));
        return new TopicPattern(openEnded ? text + "/**" : text, segments, openEnded);
    }

    public override bool Matches(ReadOnlySpan<byte> topic)
    {
        if (!topic.StartsWith(Prefix))
        {
            return false; // Most topics: one comparison.
        }

        var ended = false;
        foreach (var wanted in _segments)
        {
            if (ended)
            {
                return false;
            }

            var segment = NextSegment(ref topic, out ended);
            if (wanted.AsSpan().SequenceEqual("*"u8) ? segment.IsEmpty : !segment.SequenceEqual(wanted))
            {
                return false;
            }
        }

        return OpenEnded || ended; // "a/**" matches "a" too.
    }

    private static byte[] PrefixOf(byte[][] segments)
    {
        var literal = 0;
        while (literal < segments.Length && !segments[literal].AsSpan().SequenceEqual("*"u8))
        {
            literal++;
        }

        var prefix = new List<byte>();
        for (var i = 0; i < literal; i++)
        {
            prefix.AddRange(i == 0 ? [] : "/"u8);
            prefix.AddRange(segments[i]); // Without the slash behind: "a/**" matches "a".
        }

        return [.. prefix];
    }

    private static ReadOnlySpan<byte> NextSegment(ref ReadOnlySpan<byte> rest, out bool last)
    {
        var slash = rest.IndexOf((byte)'/');
        last = slash < 0;
        var segment = last ? rest : rest[..slash];
        rest = last ? default : rest[(slash + 1)..];
        return segment;
    }
}
