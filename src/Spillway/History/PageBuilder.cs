namespace Spillway.History;

/// <summary>Notes which records go into a page, then copies them once, neighbours together.</summary>
internal sealed class PageBuilder(long maxBytes)
{
    private readonly List<(Segment Segment, int Start, int Length)> _runs = [];
    private long _length;

    /// <summary>Takes a record, unless it is not the first and too much.</summary>
    public bool TryAdd(Segment segment, int ordinal)
    {
        var (start, end) = (segment.StartOf(ordinal), segment.EndOf(ordinal));
        if (_length > 0 && _length + end - start > Math.Min(maxBytes, Array.MaxLength))
        {
            return false;
        }

        _length += end - start;
        if (_runs.Count > 0 && _runs[^1] is var run && run.Segment == segment && run.Start + run.Length == start)
        {
            _runs[^1] = run with { Length = end - run.Start };
        }
        else
        {
            _runs.Add((segment, start, end - start));
        }

        return true;
    }

    /// <summary>Turns the order of what was added round.</summary>
    public void Reverse() => _runs.Reverse();

    public ReadOnlyMemory<byte> Build()
    {
        if (_length == 0)
        {
            return default;
        }

        var page = GC.AllocateUninitializedArray<byte>((int)_length);
        var at = 0;
        foreach (var (segment, start, length) in _runs)
        {
            segment.Slice(start, length).CopyTo(page.AsSpan(at));
            at += length;
        }

        return page;
    }
}
