namespace Spillway.History;

/// <summary>
/// For each topic of a segment the numbers of its records, ascending: linked slices of one array. One thread appends; any thread reads what was published by the
/// segment's record count, without a lock.
/// </summary>
/// <remarks>
/// A slice has room for 2, 4, … 256 numbers and a last cell that names the next slice. So a topic with one event costs 12 bytes, one with many 4 bytes an event, and a
/// reader skips 256 numbers at a step. Numbers are stored one higher: an empty cell is 0, and cell 0 is never used.
/// </remarks>
internal sealed class PostingLists
{
    public const int SmallestSlice = 2;
    public const int LargestSlice = 256;

    private int[] _cells = new int[64];
    private int _used = 1;

    /// <summary>All slices. Read it after the record count: then it holds everything up to that count.</summary>
    public int[] Cells => _cells;

    public long Bytes => _cells.Length * 4L;

    public PostingTail Start()
    {
        var slice = Allocate(SmallestSlice);
        return new PostingTail(slice, SmallestSlice, SmallestSlice);
    }

    public PostingTail Append(PostingTail tail, int ordinal)
    {
        if (tail.Left == 0)
        {
            var size = Math.Min(tail.Size * 2, LargestSlice);
            var slice = Allocate(size);
            _cells[tail.At] = slice; // After Allocate, which may have replaced the array: a reader of the old one never sees a slice beyond its end.
            tail = new PostingTail(slice, size, size);
        }

        _cells[tail.At] = ordinal + 1;
        return tail with { At = tail.At + 1, Left = tail.Left - 1 };
    }

    /// <summary>Gives back the room ahead. Nothing is appended afterwards.</summary>
    public void Seal() => Array.Resize(ref _cells, _used);

    private int Allocate(int size)
    {
        var at = _used;
        _used += size + 1;
        if (_used > _cells.Length)
        {
            Array.Resize(ref _cells, Math.Max(_used, _cells.Length * 2));
        }

        return at;
    }
}
