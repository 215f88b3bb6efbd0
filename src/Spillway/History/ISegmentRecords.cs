namespace Spillway.History;

/// <summary>A segment's records and index, for readers of any thread. Numbers are those below the index's count when it was asked for.</summary>
internal interface ISegmentRecords
{
    SegmentIndex Index { get; }

    /// <summary>Which topics patterns match here.</summary>
    PatternMemo Patterns { get; }

    /// <summary>Where a record begins and ends: one that begins where another ends lies right behind it.</summary>
    int StartOf(int ordinal);

    int EndOf(int ordinal);

    /// <summary>Whether one of the first <paramref name="count"/> records has the same canonical topic, key and visibility, and is newer.</summary>
    bool IsSuperseded(int ordinal, int count);

    /// <summary>Copies records that lie one behind the other.</summary>
    /// <exception cref="DamagedRecordsException">One of them fails its checksum.</exception>
    void Read(int first, int last, Span<byte> into);

    /// <summary>The last of the first <paramref name="count"/> records with a lower time; -1 if there is none.</summary>
    int LastBefore(long time, int count);

    /// <summary>Says of records whether one of these patterns matches them.</summary>
    Func<int, bool> Tester(IReadOnlyList<PrefixedPattern> patterns);
}
