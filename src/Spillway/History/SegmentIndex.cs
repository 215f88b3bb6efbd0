using Spillway.Events;
using Spillway.History.Sealed;

namespace Spillway.History;

/// <summary>
/// What is known of a segment's records without their bytes: offsets, topics, postings and counts. It outlives the segment, so that gaps can be counted. One thread
/// adds; any thread reads the first <see cref="Count"/> records without a lock.
/// </summary>
internal sealed class SegmentIndex : ISegmentSummary
{
    /// <summary>The largest distance between the first and the last offset of a segment: 29 bits.</summary>
    public const long LargestSpan = (1L << (32 - FlagBits)) - 1;

    /// <summary>So many bits of an entry are no offset.</summary>
    public const int FlagBits = 3;

    public const uint FlagMask = (1 << FlagBits) - 1;

    private const uint MarkerBit = 1;
    private const uint PrivateBit = 2;
    private const uint AlternatesBit = 4;

    private uint[] _entries; // Per record: offset above _base, then the three bits.
    private long _base;
    private int _added;
    private int _count;
    private int _events;

    public SegmentIndex(long after, int expectedRecords)
        : this(after, new uint[Math.Max(32, expectedRecords)], new TopicTable(), new PostingLists())
    {
    }

    private SegmentIndex(long after, uint[] entries, TopicTable topics, PostingLists postings)
    {
        (After, _entries, Topics, Postings) = (after, entries, topics, postings);
    }

    /// <summary>The offset of the last record before the segment.</summary>
    public long After { get; }

    public TopicTable Topics { get; }

    public PostingLists Postings { get; }

    /// <summary>Records that readers may see.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Events among them, markers not counted.</summary>
    public int Events => Volatile.Read(ref _events);

    public long MinTime { get; private set; } = long.MaxValue;

    public long MaxTime { get; private set; } = long.MinValue;

    public long Bytes => (_entries.Length * 4L) + Topics.Bytes + Postings.Bytes;

    /// <summary>Where retention has cleaned the segment: the offset of the last record that it had; else 0.</summary>
    public long CleanedUpTo { get; init; }

    /// <summary>The offset of the last record that readers may see, or saw before it was cleaned, or <see cref="After"/>.</summary>
    public long LastOffset => Math.Max(Count is var count and > 0 ? OffsetAt(count - 1) : After, CleanedUpTo);

    long ISegmentSummary.IndexMemory => Bytes;

    /// <summary>Makes the index of a sealed segment again, or of some topics of it.</summary>
    public static SegmentIndex Restore(SidecarHead head, TopicTable topics, LoadedParts parts)
    {
        parts.Postings.Seal();
        return new SegmentIndex(head.After, parts.Entries, topics, parts.Postings)
        {
            _base = parts.Base,
            _added = parts.Entries.Length,
            _count = parts.Entries.Length,
            _events = parts.Events,
            MinTime = head.MinTime,
            MaxTime = head.MaxTime,
            CleanedUpTo = head.Cleaned > 0 ? head.LastOffset : 0,
        };
    }

    bool ISegmentSummary.MayHold(Selection selection) => true;

    SegmentIndex? ISegmentSummary.OpenIndex(Selection? selection) => this;

    /// <summary>Adds a record; readers see it after <see cref="Publish"/>. Returns the hash of its canonical topic.</summary>
    public ulong Add(in EventRecord record)
    {
        var ordinal = _added++;
        if (ordinal == _entries.Length)
        {
            Array.Resize(ref _entries, ordinal * 2);
        }

        _base = ordinal == 0 ? record.Offset : _base;
        var flags = record.Flags;
        var bits = ((flags & EventFlags.Marker) != 0 ? MarkerBit : 0) | ((flags & EventFlags.Private) != 0 ? PrivateBit : 0);
        var hash = Post(record.Topic, ordinal, record.Time, bits);
        foreach (var alternate in record.Alternates)
        {
            Post(alternate, ordinal, record.Time, bits);
            bits |= AlternatesBit;
        }

        _entries[ordinal] = ((uint)(record.Offset - _base) << FlagBits) | bits;
        MinTime = Math.Min(MinTime, record.Time);
        MaxTime = Math.Max(MaxTime, record.Time);
        return hash;
    }

    /// <summary>Shows the records added to readers.</summary>
    public void Publish()
    {
        var events = _events;
        for (var ordinal = _count; ordinal < _added; ordinal++)
        {
            events += IsMarker(ordinal) ? 0 : 1;
        }

        Volatile.Write(ref _events, events);
        Volatile.Write(ref _count, _added);
    }

    /// <summary>Gives back the room ahead. Nothing is added afterwards.</summary>
    public void Seal()
    {
        Array.Resize(ref _entries, _count);
        Postings.Seal();
        Topics.Seal();
    }

    public long OffsetAt(int ordinal) => _base + (_entries[ordinal] >> FlagBits);

    public bool IsMarker(int ordinal) => (_entries[ordinal] & MarkerBit) != 0;

    public bool IsPrivate(int ordinal) => (_entries[ordinal] & PrivateBit) != 0;

    /// <summary>Whether an entry's bits are those of a marker.</summary>
    public static bool IsMarkerEntry(uint bits) => (bits & MarkerBit) != 0;

    /// <summary>The bits beside the offset.</summary>
    public uint FlagsAt(int ordinal) => _entries[ordinal] & FlagMask;

    public bool HasAlternates(int ordinal) => (_entries[ordinal] & AlternatesBit) != 0;

    /// <summary>Whether the record could lie within a span that began with this one: offsets are kept in 29 bits.</summary>
    public bool Reaches(long offset) => _added == 0 || offset - _base <= LargestSpan;

    /// <summary>The first of <paramref name="count"/> records that is after an offset; <paramref name="count"/> if there is none.</summary>
    public int FirstAfter(long offset, int count)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (OffsetAt(middle) <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private ulong Post(ReadOnlySpan<byte> topic, int ordinal, long time, uint bits)
    {
        var hash = TopicHash.Of(topic);
        var number = Topics.Find(topic, hash);
        if (number < 0)
        {
            number = Topics.Add(topic, hash, Postings.Start());
        }

        ref var entry = ref Topics[number];
        if (entry.LastOrdinal == ordinal + 1)
        {
            return hash; // A topic that is named twice in one event counts once.
        }

        entry.LastOrdinal = ordinal + 1;
        entry.Tail = Postings.Append(entry.Tail, ordinal);
        entry.PublicCount += (bits & (MarkerBit | PrivateBit)) == 0 ? 1 : 0;
        entry.PrivateCount += (bits & (MarkerBit | PrivateBit)) == PrivateBit ? 1 : 0;
        entry.LastTime = time;
        return hash;
    }
}
