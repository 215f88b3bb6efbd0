namespace Spillway.History;

/// <summary>Which topics of one segment the last few patterns match, so that the pages of a replay evaluate a pattern once per distinct topic, not once per page.</summary>
/// <remarks>Bounded: four patterns of at most 256 topics, 4 KiB a segment. Any thread; a lost race costs an evaluation.</remarks>
internal sealed class PatternMemo
{
    /// <summary>A pattern with more topics in a segment is broad: records are tested as they come, which a page ends soon.</summary>
    public const int MostTopics = 256;

    private const int Size = 4;

    private readonly Entry?[] _entries = new Entry?[Size];
    private int _turn;

    /// <summary>The numbers of the topics that match; null if the pattern is broad here. Topics after the call's beginning may be missing.</summary>
    public int[]? Match(PrefixedPattern pattern, TopicTable topics)
    {
        var count = topics.Count;
        var known = Array.Find(_entries, entry => entry is not null && entry.Pattern == pattern.Name);
        if (known is not null && (known.Topics is null || known.Evaluated >= count))
        {
            return known.Topics;
        }

        var matches = new List<int>(known?.Topics ?? []);
        pattern.AddMatches(topics, known?.Evaluated ?? 0, count, MostTopics, matches);
        var entry = new Entry(pattern.Name, count, matches.Count > MostTopics ? null : [.. matches]);
        var place = known is null ? Interlocked.Increment(ref _turn) : Array.IndexOf(_entries, known);
        _entries[(place < 0 ? 0 : place) & (Size - 1)] = entry;
        return entry.Topics;
    }

    private sealed record Entry(string Pattern, int Evaluated, int[]? Topics);
}
