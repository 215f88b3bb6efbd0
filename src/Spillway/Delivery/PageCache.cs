namespace Spillway.Delivery;

/// <summary>
/// The pages encoded last, bounded in bytes: connections with the same set and format that come back from about the same place share one reading. Whoever begins in the middle
/// of a page gets the rest of it, and asks next for the page that others ask for.
/// </summary>
internal sealed class PageCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<EncodedPage> _pages = new(); // The one used last comes first. A few hundred: a look at each costs less than reading one.
    private long _bytes;

    /// <summary>Memory of the pages.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Finds a page with what comes after a request's position, and holds it.</summary>
    public EncodedPage? Find(ReplayRequest request, long now)
    {
        if (capacity == 0 || !IsShared(request))
        {
            return null;
        }

        lock (_lock)
        {
            for (var node = _pages.First; node is not null; node = node.Next)
            {
                var page = node.Value;
                if (page.From <= request.From && request.From < page.To && page.Format == request.Format && page.ExpiresAt > now && page.Selectors.Equals(request.Selectors))
                {
                    _pages.Remove(node);
                    _pages.AddFirst(node);
                    page.Hold();
                    return page;
                }
            }
        }

        return null;
    }

    /// <summary>Keeps a page, if others may use it. Says which pages the cache has let go.</summary>
    public void Add(ReplayRequest request, EncodedPage page, List<EncodedPage> released)
    {
        if (page.Failed || page.IsCutShort || page.Missing is not null || page.Expired > 0 || page.To <= page.From || page.Size > capacity || !IsShared(request))
        {
            return;
        }

        lock (_lock)
        {
            while (_bytes + page.Size > capacity)
            {
                var last = _pages.Last!.Value;
                _pages.RemoveLast();
                _bytes -= last.Size;
                released.Add(last);
            }

            page.Hold();
            _pages.AddFirst(page);
            _bytes += page.Size;
        }
    }

    /// <summary>Whether the answer depends on nothing but set, format and position.</summary>
    private static bool IsShared(ReplayRequest request) =>
        request is { SnapshotUpTo: 0, Plan: null, OnlyCut: false } && request.ToldExpired.Offset <= request.From;
}
