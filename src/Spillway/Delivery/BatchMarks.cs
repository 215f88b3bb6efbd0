namespace Spillway.Delivery;

/// <summary>For every loop and strand the batched news that the loop was told of and has not begun to look at. Changed by interlocked operations only.</summary>
/// <param name="limit">The most strands.</param>
/// <param name="loops">The loops.</param>
internal sealed class BatchMarks(int limit, int loops) : IDisposable
{
    private readonly ChunkedArray<uint>[] _pending = [.. Enumerable.Range(0, loops).Select(_ => new ChunkedArray<uint>(limit + 1L))];

    /// <summary>The dispatcher: adds an event. True if the loop must be told of the strand.</summary>
    public bool Add(int loop, int strand, BatchedNews news)
    {
        _pending[loop].Ensure(strand);
        ref var pending = ref _pending[loop][strand];
        var before = Volatile.Read(ref pending);
        while (true)
        {
            var found = Interlocked.CompareExchange(ref pending, new BatchedNews(before).With(news).Bits, before);
            if (found == before)
            {
                return before == 0;
            }

            before = found; // The loop has just taken them.
        }
    }

    /// <summary>The loop, before it looks at the strand; or anybody, for a strand of which nobody is to be told any more.</summary>
    public BatchedNews Take(int loop, int strand) =>
        _pending[loop].Has(strand) ? new BatchedNews(Interlocked.Exchange(ref _pending[loop][strand], 0)) : default;

    /// <summary>The strand's number is for another topic from now on.</summary>
    public void Clear(int strand)
    {
        for (var loop = 0; loop < loops; loop++)
        {
            Take(loop, strand);
        }
    }

    public void Dispose()
    {
        foreach (var pending in _pending)
        {
            pending.Dispose();
        }
    }
}
