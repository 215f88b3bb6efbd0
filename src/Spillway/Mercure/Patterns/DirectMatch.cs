namespace Spillway.Mercure.Patterns;

/// <summary>
/// A component's pattern that is matched by comparing from left to right: text, segments that end where the delimiter begins, and at most one "*" with
/// nothing but text behind it. At each step there is one way to go on, so that no search is needed.
/// </summary>
internal sealed class DirectMatch
{
    private readonly (string? Text, char? Delimiter)[] _head;
    private readonly bool _open;
    private readonly string _tail;

    private DirectMatch((string? Text, char? Delimiter)[] head, bool open, string tail)
    {
        _head = head;
        _open = open;
        _tail = tail;
    }

    /// <summary>Whether it matches everything.</summary>
    public bool IsEverything => _open && _head.Length == 0 && _tail.Length == 0;

    /// <summary>The only text that it matches; null where it matches several.</summary>
    public string? Literal => _open || _head.Length > 1 ? null : _head.Length == 0 ? "" : _head[0].Text;

    /// <summary>The match for parts; null where they need a search.</summary>
    public static DirectMatch? From(IReadOnlyList<PatternPart> parts, char? delimiter)
    {
        var head = new List<(string? Text, char? Delimiter)>();
        string? tail = null;
        foreach (var part in parts)
        {
            if (part.Modifier != PartModifier.None || part.Kind == PartKind.Regexp || (tail is not null && part.Kind != PartKind.FixedText))
            {
                return null;
            }

            var before = part.Kind == PartKind.FixedText ? part.Value : part.Prefix;
            if (tail is not null)
            {
                tail += before;
                continue;
            }

            AddText(head, before);
            if (part.Kind == PartKind.SegmentWildcard)
            {
                head.Add((null, delimiter));
                AddText(head, part.Suffix);
            }
            else if (part.Kind == PartKind.FullWildcard)
            {
                tail = part.Suffix;
            }
        }

        return OneWay(head, delimiter, tail is not null) ? new DirectMatch([.. head], tail is not null, tail ?? "") : null;
    }

    public bool Matches(ReadOnlySpan<char> text)
    {
        foreach (var (fixedText, delimiter) in _head)
        {
            var length = fixedText?.Length ?? SegmentLength(text, delimiter);
            if (length == 0 || (fixedText is not null && !text.StartsWith(fixedText)))
            {
                return false;
            }

            text = text[length..];
        }

        return _open ? text.EndsWith(_tail) : text.IsEmpty;
    }

    private static int SegmentLength(ReadOnlySpan<char> text, char? delimiter)
    {
        var end = delimiter is { } character ? text.IndexOf(character) : -1;
        return end < 0 ? text.Length : end;
    }

    private static void AddText(List<(string? Text, char? Delimiter)> head, string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (head.Count > 0 && head[^1].Text is { } before)
        {
            head[^1] = (before + text, null);
        }
        else
        {
            head.Add((text, null));
        }
    }

    // A segment ends where the delimiter begins: what follows it must begin so, or it is the last.
    private static bool OneWay(List<(string? Text, char? Delimiter)> head, char? delimiter, bool open)
    {
        for (var i = 0; i < head.Count; i++)
        {
            var last = i == head.Count - 1;
            if (head[i].Text is null && (last ? open : delimiter is null || head[i + 1].Text is not { } next || next[0] != delimiter))
            {
                return false;
            }
        }

        return true;
    }
}
