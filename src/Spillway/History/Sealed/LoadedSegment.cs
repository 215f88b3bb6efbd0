using Spillway.Events;
using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>The loaded index of a sealed segment; its records are read from the file and checked. Any thread.</summary>
internal sealed class LoadedSegment(SealedSegment segment, SealedStore store, SegmentIndex index, LoadedParts parts) : ISegmentRecords
{
    private readonly TopicSets _sets = new(index);

    public SegmentIndex Index { get; } = index;

    public PatternMemo Patterns { get; } = new();

    public long Bytes => Index.Bytes + parts.Bytes + _sets.Bytes;

    public int StartOf(int ordinal) => parts.Starts[ordinal];

    public int EndOf(int ordinal) => parts.Ends[ordinal];

    public bool IsSuperseded(int ordinal, int count) => parts.Superseded[ordinal] is var next and > 0 && next <= count;

    public void Read(int first, int last, Span<byte> into)
    {
        if (store.TryRead(segment, SegmentHeader.Length + StartOf(first), into) && FirstDamaged(first, last, into) < 0)
        {
            return;
        }

        ThrowDamaged(first, last, into);
    }

    public int LastBefore(long time, int count)
    {
        for (var block = (count - 1) / SidecarRecords.PerPiece; count > 0 && block >= 0; block--)
        {
            if (parts.LeastTimes[block] >= time)
            {
                continue;
            }

            for (var ordinal = Math.Min(count, (block + 1) * SidecarRecords.PerPiece) - 1; ordinal >= block * SidecarRecords.PerPiece; ordinal--)
            {
                if (TimeAt(ordinal) < time)
                {
                    return ordinal;
                }
            }
        }

        return -1;
    }

    public Func<int, bool> Tester(IReadOnlyList<PrefixedPattern> patterns)
    {
        var test = _sets.Tester(patterns, out var hasGrown);
        if (hasGrown)
        {
            store.Cache.Measure(segment);
        }

        return test;
    }

    /// <summary>A record's time; of a damaged one, which is never found, the greatest.</summary>
    private long TimeAt(int ordinal)
    {
        var record = new byte[EndOf(ordinal) - StartOf(ordinal)];
        return store.TryRead(segment, SegmentHeader.Length + StartOf(ordinal), record) && Passes(ordinal, record) ? EventRecord.TimeOf(record) : long.MaxValue;
    }

    private int FirstDamaged(int first, int last, ReadOnlySpan<byte> bytes)
    {
        for (var ordinal = first; ordinal <= last; ordinal++)
        {
            var length = EndOf(ordinal) - StartOf(ordinal);
            if (!Passes(ordinal, bytes[..length]))
            {
                return ordinal;
            }

            bytes = bytes[length..];
        }

        return -1;
    }

    private bool Passes(int ordinal, ReadOnlySpan<byte> record) =>
        EventRecord.LengthAt(record) == record.Length && EventRecord.OffsetOf(record) == Index.OffsetAt(ordinal) && RecordChecksum.Passes(record, segment.Head.Seed);

    /// <summary>Finds the damage among records of which some cannot be read, or fail: the first stretch of it.</summary>
    private void ThrowDamaged(int first, int last, Span<byte> into)
    {
        var (damagedFrom, damagedTo) = (-1, -1);
        var rest = into;
        for (var ordinal = first; ordinal <= last; ordinal++)
        {
            var record = rest[..(EndOf(ordinal) - StartOf(ordinal))];
            rest = rest[record.Length..];
            var passes = store.TryRead(segment, SegmentHeader.Length + StartOf(ordinal), record) && Passes(ordinal, record);
            if (passes && damagedFrom >= 0)
            {
                break;
            }

            if (!passes)
            {
                damagedFrom = damagedFrom < 0 ? ordinal : damagedFrom;
                damagedTo = ordinal;
            }
        }

        if (damagedFrom >= 0) // Else the disk has thought better of it.
        {
            throw new DamagedRecordsException(Index.OffsetAt(damagedFrom) - 1, Index.OffsetAt(damagedTo)); // They lie one behind the other: no other topic's are between them.
        }
    }
}
