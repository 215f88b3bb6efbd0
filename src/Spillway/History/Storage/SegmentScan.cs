using Spillway.Events;

namespace Spillway.History.Storage;

/// <summary>Finds the whole, undamaged records in the bytes of a segment's file, and moves them together.</summary>
internal sealed class SegmentScan
{
    /// <summary>Looking for the next whole record costs a checksum per place that looks like one; crafted bytes must not make that quadratic.</summary>
    private const int SearchFactor = 16;

    private readonly byte[] _bytes;
    private readonly uint _seed;
    private readonly long _upTo;
    private readonly long _wholeAfter;
    private readonly List<HistoryGap> _damage = [];
    private long _searchBudget;
    private readonly List<(int Ordinal, int Skipped)> _holes = [];
    private int _taken;
    private (int Length, int GoodEnd, long LastOffset, int Taken) _beforeBatch; // As it was when the batch of the last record began.
    private bool _continued; // The last record's batch goes on.

    private SegmentScan(byte[] bytes, int length, uint seed, long after, long upTo, long wholeAfter)
    {
        (_bytes, _seed, _upTo, _wholeAfter) = (bytes, seed, upTo, wholeAfter);
        FileLength = length;
        LastOffset = after;
        _searchBudget = (long)length * SearchFactor;
    }

    /// <summary>Bytes of whole records, at the beginning of the array.</summary>
    public int Length { get; private set; }

    /// <summary>Where the last whole record ended before the records were moved: what follows is no record.</summary>
    public int GoodEnd { get; private set; }

    public long LastOffset { get; private set; }

    public IReadOnlyList<HistoryGap> Damage => _damage;

    /// <summary>Before which records the file has bytes that are none, and how many.</summary>
    public IReadOnlyList<(int Ordinal, int Skipped)> Holes => _holes;

    /// <summary>Whether bytes follow the last record that are none, or not of this segment any more.</summary>
    public bool HasTornTail => GoodEnd < FileLength;

    private int FileLength { get; }

    /// <summary>Scans records after an offset; those above <paramref name="upTo"/> are dead: another segment had begun before they were stored.</summary>
    /// <param name="wholeAfter">Of a batch after this offset of which a part is missing, nothing counts: nobody was promised that it is synced.</param>
    public static SegmentScan Run(byte[] bytes, int length, uint seed, long after, long upTo, long wholeAfter = long.MaxValue)
    {
        var scan = new SegmentScan(bytes, length, seed, after, upTo, wholeAfter);
        scan.Run();
        return scan;
    }

    private void Run()
    {
        for (var at = 0; at < FileLength;)
        {
            var found = TryReadAt(at, out var length);
            if (!found || (_continued && EventRecord.IsFirst(_bytes.AsSpan(at))))
            {
                DropBatch();
            }

            if (!found && !TryFindNext(ref at, out length))
            {
                return;
            }

            Take(at, length);
            at += length;
        }

        DropBatch();
    }

    private void Take(int at, int length)
    {
        var record = _bytes.AsSpan(at, length);
        var isFirst = EventRecord.IsFirst(record);
        var offset = EventRecord.OffsetOf(record);
        if (!isFirst && !_continued && offset > _wholeAfter)
        {
            return; // The beginning of its batch is lost.
        }

        if (at != GoodEnd && offset - 1 > LastOffset)
        {
            _damage.Add(new HistoryGap(LastOffset, offset - 1, null, Corrupt: true));
        }

        if (isFirst)
        {
            _beforeBatch = (Length, GoodEnd, LastOffset, _taken);
        }

        if (at != GoodEnd)
        {
            _holes.Add((_taken, at - GoodEnd));
        }

        _taken++;
        _continued = EventRecord.IsContinued(record);
        record.CopyTo(_bytes.AsSpan(Length));
        Length += length;
        LastOffset = offset;
        GoodEnd = at + length;
    }

    /// <summary>Nothing whole follows, or not at once: what there is of an unfinished batch is given up.</summary>
    private void DropBatch()
    {
        if (_continued && LastOffset > _wholeAfter)
        {
            (Length, GoodEnd, LastOffset, _taken) = _beforeBatch;
            _holes.RemoveAll(hole => hole.Ordinal >= _taken);
        }

        _continued = false;
    }

    private bool TryFindNext(ref int at, out int length)
    {
        for (at++; at <= FileLength - EventRecord.HeaderLength && _searchBudget > 0; at++)
        {
            if (TryReadAt(at, out length))
            {
                return true;
            }
        }

        length = 0;
        return false;
    }

    private bool TryReadAt(int at, out int length)
    {
        length = 0;
        var rest = _bytes.AsSpan(at, FileLength - at);
        if (rest.Length < EventRecord.HeaderLength || EventRecord.OffsetOf(rest) is var offset && (offset <= LastOffset || offset > _upTo))
        {
            return false; // The cheapest test comes first: hardly any eight bytes in the middle of a record are a later offset.
        }

        if (!EventRecord.TryMeasure(rest, out length))
        {
            return false;
        }

        _searchBudget -= length;
        return RecordChecksum.Passes(rest[..length], _seed);
    }
}
