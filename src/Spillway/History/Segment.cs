using Spillway.Events;
using Spillway.History.Sealed;
using Spillway.History.Storage;

namespace Spillway.History;

/// <summary>A stretch of history: whole records in one block of bytes, with their index. One thread appends; any thread reads what is published, without a lock.</summary>
internal sealed class Segment : ISegment, ISegmentRecords
{
    private const int FirstBlock = 64 * 1024; // Grows by doubling: a quiet hub does not pay for a whole segment.
    private const int FirstRecords = 32;

    private readonly List<int> _endings = [];
    private readonly Lock _sketching = new();
    private readonly HistoryLimits _limits;
    private readonly int _expectedLength;
    private KeyTable? _keys = new();
    private byte[] _block;
    private int[] _ends = new int[FirstRecords]; // Per record: where it ends in the block.
    private int[] _superseded = new int[FirstRecords]; // Per record: the number, one higher, of the next record with its topic, key and visibility; 0 if there is none.
    private int _added;
    private int _length;
    private (int Topics, ulong[] Hashes) _sketch = (0, []);

    /// <param name="previous">The segment before, if there is one: what it grew to, and an eighth more, is room enough for most of what comes now.</param>
    public Segment(long after, ISegmentFile file, HistoryLimits limits, Segment? previous = null)
        : this(file, limits, new SegmentIndex(after, WithAnEighth(previous?._added ?? 0)), [])
    {
        _expectedLength = WithAnEighth(previous?._length ?? 0);
        if (previous is { _added: > FirstRecords })
        {
            (_ends, _superseded) = (new int[WithAnEighth(previous._added)], new int[WithAnEighth(previous._added)]);
        }
    }

    private Segment(ISegmentFile file, HistoryLimits limits, SegmentIndex index, byte[] block)
    {
        (File, _limits, Index, _block) = (file, limits, index, block);
    }

    public ISegmentFile File { get; }

    public SegmentIndex Index { get; }

    public PatternMemo Patterns { get; } = new();

    public int Length => Volatile.Read(ref _length);

    public long IndexMemory => Index.Bytes + ((_ends.Length + _superseded.Length) * 4L);

    public long After => Index.After;

    public long LastOffset => Index.LastOffset;

    public int Count => Index.Count;

    public int Events => Index.Events;

    long ISegment.Length => Length;

    public long MinTime => Index.MinTime;

    public long MaxTime => Index.MaxTime;

    /// <summary>Of a segment that was stored: bytes of its file that lie before a record and count for nothing. Records come together in the block.</summary>
    public (int Ordinal, int Skipped)[] Holes { get; private init; } = [];

    /// <summary>Of a segment that was stored: what of it was lost.</summary>
    public IReadOnlyList<HistoryGap> Damage { get; private init; } = [];

    /// <summary>Whether nothing may be appended any more.</summary>
    public bool IsSealed { get; private set; }

    /// <summary>Numbers of the records that end their topic; the writer's.</summary>
    public IReadOnlyList<int> Endings => _endings;

    /// <summary>Makes a segment of records that are stored already.</summary>
    public static Segment Load(StoredSegment stored, HistoryLimits limits)
    {
        var segment = new Segment(stored.File, limits, new SegmentIndex(stored.After, 0) { CleanedUpTo = stored.CleanedUpTo }, stored.Block) { Holes = [.. stored.Holes], Damage = stored.Damage };
        segment.IndexRecords(stored.Length);
        return segment;
    }

    /// <summary>How many bytes of whole batches the segment has room for: in an empty one at least the first.</summary>
    public int Measure(ReadOnlySpan<byte> records)
    {
        var (length, count) = (0, _added);
        while (length < records.Length)
        {
            var (bytes, events, last) = MeasureBatch(records[length..]);
            var fits = _length + length + bytes <= _limits.SegmentBytes && count + events <= _limits.SegmentEvents && Index.Reaches(last)
                && (_added == 0 || EventRecord.TimeOf(records[length..]) - Index.MinTime <= _limits.SegmentSpan);
            if (!fits && count > 0)
            {
                break;
            }

            (length, count) = (length + bytes, count + events);
        }

        return length;
    }

    /// <summary>What was appended after an offset, as whole records. The writer's.</summary>
    public ReadOnlyMemory<byte> RecordsAfter(long offset)
    {
        var first = Index.FirstAfter(offset, Index.Count);
        return first == Index.Count ? default : _block.AsMemory(StartOf(first), _length - StartOf(first));
    }

    /// <summary>A sealed copy without what was appended after an offset.</summary>
    public Segment CutBehind(long offset)
    {
        var kept = Index.FirstAfter(offset, Index.Count);
        var length = kept == 0 ? 0 : EndOf(kept - 1);
        var cut = new Segment(File, _limits, new SegmentIndex(Index.After, 0), _block.AsSpan(0, length).ToArray()); // Never one that was cleaned: that is synced.
        cut.IndexRecords(length);
        cut.Seal();
        return cut;
    }

    /// <summary>Stores whole records, then shows them to readers. If storing fails nothing has changed, but the segment is sealed.</summary>
    public void Append(ReadOnlySpan<byte> records)
    {
        var length = _length + records.Length;
        EnsureRoom(length);
        var written = _block.AsSpan(_length, records.Length);
        records.CopyTo(written);
        try
        {
            File.Write(written);
        }
        catch
        {
            IsSealed = true; // What failed once is never written to again: nobody knows what it holds behind the last good record.
            throw;
        }

        IndexRecords(length);
    }

    /// <summary>Ends writing: the next record goes to another segment.</summary>
    /// <param name="compact">Whether to give back the room ahead; not worth it for what is to go from memory soon.</param>
    public void Seal(bool compact = true)
    {
        IsSealed = true;
        File.Seal();
        _keys = null;
        if (!compact)
        {
            return;
        }

        Index.Seal();
        Array.Resize(ref _ends, _added);
        Array.Resize(ref _superseded, _added);
        if (_length < _block.Length - (_block.Length / 8))
        {
            Array.Resize(ref _block, _length); // Else it is not worth the copy.
        }
    }

    /// <summary>The record with a number below <see cref="SegmentIndex.Count"/>.</summary>
    public ReadOnlySpan<byte> RecordAt(int ordinal)
    {
        var start = StartOf(ordinal);
        return _block.AsSpan(start, _ends[ordinal] - start);
    }

    public int StartOf(int ordinal) => ordinal == 0 ? 0 : _ends[ordinal - 1];

    public int EndOf(int ordinal) => _ends[ordinal];

    public long TimeAt(int ordinal) => EventRecord.TimeOf(RecordAt(ordinal));

    /// <summary>The number, one higher, of the next record with its topic, key and visibility; 0 if there is none.</summary>
    public int NextOf(int ordinal) => Volatile.Read(ref _superseded[ordinal]);

    public void Read(int first, int last, Span<byte> into) => _block.AsSpan(StartOf(first), EndOf(last) - StartOf(first)).CopyTo(into);

    public int LastBefore(long time, int count)
    {
        var ordinal = count - 1;
        while (ordinal >= 0 && TimeAt(ordinal) >= time)
        {
            ordinal--;
        }

        return ordinal;
    }

    public Func<int, bool> Tester(IReadOnlyList<PrefixedPattern> patterns) => ordinal =>
    {
        var record = new EventRecord(RecordAt(ordinal));
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(record))
            {
                return true;
            }
        }

        return false;
    };

    public bool IsCleaned => Index.CleanedUpTo > 0;

    public bool MayHold(Selection selection) => true;

    public SegmentIndex OpenIndex(Selection? selection) => Index;

    public ISegmentRecords Open(Selection? selection) => this;

    public TopicTable ReadTopics() => Index.Topics;

    public ulong[] Sketch()
    {
        lock (_sketching)
        {
            var count = Index.Topics.Count;
            if (count > _sketch.Topics)
            {
                _sketch = (count, TopicSketch.Extend(_sketch.Hashes, Index.Topics, _sketch.Topics, count));
            }

            return _sketch.Hashes;
        }
    }

    /// <summary>Whether one of the first <paramref name="count"/> records has the same canonical topic, key and visibility, and is newer.</summary>
    public bool IsSuperseded(int ordinal, int count) => Volatile.Read(ref _superseded[ordinal]) is var next and > 0 && next <= count;

    private static (int Bytes, int Events, long Last) MeasureBatch(ReadOnlySpan<byte> records)
    {
        var (bytes, events) = (0, 0);
        while (true)
        {
            var record = records[bytes..];
            (bytes, events) = (bytes + EventRecord.LengthAt(record), events + 1);
            if (bytes == records.Length || !EventRecord.IsContinued(record))
            {
                return (bytes, events, EventRecord.OffsetOf(record));
            }
        }
    }

    private static int WithAnEighth(int number) => number + (number / 8);

    private void EnsureRoom(int length)
    {
        if (length <= _block.Length)
        {
            return;
        }

        var wanted = Math.Max(_expectedLength, Math.Max(FirstBlock, (int)Math.Min(_block.Length * 2L, Array.MaxLength)));
        var block = GC.AllocateUninitializedArray<byte>(Math.Max(length, Math.Min(wanted, _limits.SegmentBytes)));
        _block.AsSpan(0, _length).CopyTo(block);
        Volatile.Write(ref _block, block);
    }

    private void IndexRecords(int length)
    {
        for (var at = _length; at < length;)
        {
            var record = new EventRecord(_block.AsSpan(at, EventRecord.LengthAt(_block.AsSpan(at))));
            at += record.Bytes.Length;
            AddRecord(record, at);
        }

        Volatile.Write(ref _length, length);
        Index.Publish(); // Last: readers go by the index's count.
    }

    private void AddRecord(in EventRecord record, int end)
    {
        var ordinal = _added++;
        if (ordinal == _ends.Length)
        {
            Array.Resize(ref _ends, ordinal * 2);
            Array.Resize(ref _superseded, ordinal * 2);
        }

        _ends[ordinal] = end;
        var topic = Index.Add(record);
        if ((record.Flags & (EventFlags.Marker | EventFlags.Final)) != 0)
        {
            _endings.Add(ordinal);
        }

        if ((record.Flags & EventFlags.Marker) == 0 && _keys!.Put(TopicHash.Of(topic, record), ordinal) is var previous and >= 0)
        {
            Volatile.Write(ref _superseded[previous], ordinal + 1);
        }
    }
}
