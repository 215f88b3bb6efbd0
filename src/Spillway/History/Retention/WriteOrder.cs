namespace Spillway.History.Retention;

/// <summary>The keys of one rule in the order in which they were last written.</summary>
/// <param name="newest">Says where a key's newest event is.</param>
internal sealed class WriteOrder(Dictionary<ulong, RetainedValue> newest)
{
    private const int FewStale = 64;

    private Queue<(ulong Key, long Offset)> _written = new(); // Those written again since are stale where they were before.

    /// <summary>Keys of the rule.</summary>
    public int Count { get; set; }

    /// <summary>A key was written, later than all others.</summary>
    public void Add(ulong key, long offset)
    {
        if (_written.Count > (2 * Count) + FewStale)
        {
            _written = new Queue<(ulong Key, long Offset)>(_written.Where(IsNow));
        }

        _written.Enqueue((key, offset));
    }

    /// <summary>The key that was not written for the longest. False: there is none.</summary>
    public bool TryPeek(out ulong key, out long offset)
    {
        while (_written.TryPeek(out var oldest))
        {
            if (IsNow(oldest))
            {
                (key, offset) = oldest;
                return true;
            }

            _written.Dequeue();
        }

        (key, offset) = (0, long.MaxValue);
        return false;
    }

    private bool IsNow((ulong Key, long Offset) written) => newest.TryGetValue(written.Key, out var value) && value.Offset == written.Offset;
}
