namespace Spillway.History;

/// <summary>Notes which records go into a page, then copies them once, neighbours together.</summary>
internal sealed class PageBuilder(long maxBytes)
{
    private readonly List<Run> _runs = [];
    private long _length;

    public bool IsEmpty => _length == 0;

    /// <summary>Takes a record, unless it is not the first and too much.</summary>
    public bool TryAdd(ISegmentRecords segment, int ordinal)
    {
        var (start, end) = (segment.StartOf(ordinal), segment.EndOf(ordinal));
        if (_length > 0 && _length + end - start > Math.Min(maxBytes, Array.MaxLength))
        {
            return false;
        }

        _length += end - start;
        if (_runs.Count > 0 && _runs[^1] is var run && run.Segment == segment && run.Last + 1 == ordinal && segment.EndOf(run.Last) == start)
        {
            _runs[^1] = run with { Last = ordinal };
        }
        else
        {
            _runs.Add(new Run(segment, ordinal, ordinal));
        }

        return true;
    }

    /// <summary>Turns the order of what was added round.</summary>
    public void Reverse() => _runs.Reverse();

    /// <exception cref="DamagedRecordsException">Some records cannot be read.</exception>
    public ReadOnlyMemory<byte> Build()
    {
        if (_length == 0)
        {
            return default;
        }

        var page = GC.AllocateUninitializedArray<byte>((int)_length);
        var at = 0;
        foreach (var (segment, first, last) in _runs)
        {
            var length = segment.EndOf(last) - segment.StartOf(first);
            segment.Read(first, last, page.AsSpan(at, length));
            at += length;
        }

        return page;
    }

    /// <summary>Records that lie one behind the other.</summary>
    private readonly record struct Run(ISegmentRecords Segment, int First, int Last);
}
