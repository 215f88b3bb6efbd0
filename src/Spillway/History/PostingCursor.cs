namespace Spillway.History;

/// <summary>A reader's place in one topic's postings.</summary>
internal struct PostingCursor(int firstSlice)
{
    public const int End = int.MaxValue;

    private int _at = firstSlice;
    private int _left = PostingLists.SmallestSlice;
    private int _size = PostingLists.SmallestSlice;

    /// <summary>The record's number here, or <see cref="End"/>.</summary>
    public readonly int Current(int[] cells) => _left == 0 || cells[_at] == 0 ? End : cells[_at] - 1;

    /// <summary>Goes one further. Not at the end.</summary>
    public void Advance(int[] cells)
    {
        _at++;
        _left--;
        if (_left == 0 && cells[_at] != 0)
        {
            EnterSlice(cells[_at]);
        }
    }

    /// <summary>Goes to the first number at or above <paramref name="ordinal"/>.</summary>
    public void SkipTo(int[] cells, int ordinal)
    {
        while (_left > 0)
        {
            var next = cells[_at + _left];
            if (next == 0 || cells[next] == 0 || cells[next] - 1 > ordinal)
            {
                break;
            }

            EnterSlice(next);
        }

        while (Current(cells) < ordinal)
        {
            Advance(cells);
        }
    }

    private void EnterSlice(int slice)
    {
        _at = slice;
        _size = Math.Min(_size * 2, PostingLists.LargestSlice);
        _left = _size;
    }
}
