using Spillway.Events;

namespace Spillway.Backplane;

/// <summary>The events that a round adds, in order, stamped. Used by one thread.</summary>
internal sealed class RoundRecords
{
    private readonly RecordBuffer _all = new();
    private readonly RecordBuffer _part = new(); // Only where a part of them is asked for.
    private int _ephemeral;
    private int _place; // Of the batch's next record for history.
    private int _previous; // Where the batch's last record for history begins.

    public int Count { get; private set; }

    /// <summary>How many of them are for history.</summary>
    public int RecordedCount => Count - _ephemeral;

    public ReadOnlySpan<byte> All => _all.Written;

    /// <summary>Those for history with an offset of at most <paramref name="upTo"/>. Good until the next call.</summary>
    public ReadOnlySpan<byte> Recorded(long upTo = long.MaxValue)
    {
        if (_ephemeral == 0 && upTo == long.MaxValue)
        {
            return All;
        }

        _part.Clear();
        for (var rest = All; !rest.IsEmpty; rest = rest[EventRecord.LengthAt(rest)..])
        {
            if (!EventRecord.FlagsOf(rest).HasFlag(EventFlags.Ephemeral) && EventRecord.OffsetOf(rest) <= upTo)
            {
                _part.Append(rest[..EventRecord.LengthAt(rest)]);
            }
        }

        return _part.Written;
    }

    /// <summary>What is added next belongs to another batch.</summary>
    public void BeginBatch() => _place = 0;

    public void Add(in EventRecord record, long offset, long time, uint ephemeralNumber)
    {
        var at = _all.Length;
        var added = _all.Append(record.Bytes);
        EventRecordWriter.Stamp(added, offset, time, ephemeralNumber);
        Count++;
        if (record.Flags.HasFlag(EventFlags.Ephemeral))
        {
            _ephemeral++;
            return;
        }

        EventRecordWriter.StampPlace(added, _place);
        if (_place > 0)
        {
            EventRecordWriter.StampContinued(_all.From(_previous));
        }

        _place++;
        _previous = at;
    }

    /// <summary>Where the records end now, for <see cref="RollBack"/>.</summary>
    public (int Length, int Count, int Ephemeral) Mark() => (_all.Length, Count, _ephemeral);

    public void RollBack((int Length, int Count, int Ephemeral) mark)
    {
        _all.Truncate(mark.Length);
        (Count, _ephemeral) = (mark.Count, mark.Ephemeral);
    }

    public void Clear()
    {
        _all.Clear();
        _part.Clear();
        (Count, _ephemeral) = (0, 0);
    }
}
