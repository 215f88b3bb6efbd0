using System.Runtime.InteropServices;

namespace Spillway.Delivery;

/// <summary>
/// A loop's feeds, interned by their strands, and for every strand its subscribers: the connection itself while its feed has no other, else the feed.
/// </summary>
internal sealed unsafe class FeedTable : IDisposable
{
    private const int FeedMark = int.MinValue; // Top bit: the entry is a feed, not a connection.

    private readonly ConnectionTable _connections;
    private readonly ChunkedArray<Feed> _feeds;
    private readonly ChunkedArray<IntList> _subscribers;
    private readonly IntMap _localStrands = new();
    private readonly Stack<int> _freeFeeds = new();
    private readonly Stack<int> _freeLocals = new();
    private int[] _buckets = new int[256];
    private int _nextFeed = 1;
    private int _nextLocal;

    public FeedTable(ConnectionTable connections, int connectionLimit, int strandLimit)
    {
        _connections = connections;
        _feeds = new ChunkedArray<Feed>(connectionLimit + 2L);
        _subscribers = new ChunkedArray<IntList>(strandLimit + 1L);
        _feeds.Ensure(0);
    }

    /// <summary>Feeds in use.</summary>
    public int Count { get; private set; }

    public ref Feed this[int feed] => ref _feeds[feed];

    /// <summary>Whether a subscriber entry stands for a feed.</summary>
    public static bool IsFeed(int entry, out int feed)
    {
        feed = entry & ~FeedMark;
        return entry < 0;
    }

    /// <summary>The subscribers of a strand; empty where it has none here.</summary>
    public ReadOnlySpan<int> Subscribers(int strand) =>
        _localStrands.TryGetValue(strand, out var local) ? _subscribers[local].Items : default;

    /// <summary>Puts a connection into the feed of a set, made if it is new. Strands are sorted and distinct.</summary>
    public int Join(int connection, ReadOnlySpan<int> strands, bool exactOnly)
    {
        var hash = HashOf(strands);
        var feed = Find(strands, hash);
        if (feed < 0)
        {
            feed = Create(strands, hash, exactOnly);
        }

        ref var joined = ref this[feed];
        _connections[connection].Feed = feed;
        _connections[connection].MemberIndex = joined.Members.Add(connection);
        if (joined.Members.Count == 1)
        {
            SubscribeAll(ref joined, connection);
        }
        else if (joined.Members.Count == 2)
        {
            Rename(ref joined, feed | FeedMark);
        }

        return feed;
    }

    public void Leave(int connection)
    {
        var feed = _connections[connection].Feed;
        ref var left = ref this[feed];
        var place = _connections[connection].MemberIndex;
        left.Members.RemoveAt(place);
        if (left.Members.Count > place)
        {
            _connections[left.Members[place]].MemberIndex = place;
        }

        if (left.Members.Count == 1)
        {
            Rename(ref left, left.Members[0]);
        }
        else if (left.Members.Count == 0)
        {
            Delete(feed);
        }
    }

    public void Dispose()
    {
        for (var i = 1; i < _nextFeed; i++)
        {
            this[i].Members.Free();
            NativeMemory.Free(this[i].Strands);
        }

        for (var i = 0; i < _nextLocal; i++)
        {
            _subscribers[i].Free();
        }

        _feeds.Dispose();
        _subscribers.Dispose();
        _localStrands.Dispose();
    }

    private static uint HashOf(ReadOnlySpan<int> strands)
    {
        var hash = 2166136261u;
        foreach (var strand in strands)
        {
            hash = (hash ^ (uint)strand) * 0x9E3779B1u;
            hash ^= hash >> 15;
        }

        return hash;
    }

    private int Find(ReadOnlySpan<int> strands, uint hash)
    {
        for (var feed = _buckets[hash & (_buckets.Length - 1)]; feed != 0; feed = this[feed].Next)
        {
            if (this[feed].Hash == hash && this[feed].StrandSpan.SequenceEqual(strands))
            {
                return feed;
            }
        }

        return -1;
    }

    private int Create(ReadOnlySpan<int> strands, uint hash, bool exactOnly)
    {
        if (++Count > _buckets.Length)
        {
            Rehash();
        }

        if (!_freeFeeds.TryPop(out var index))
        {
            index = _nextFeed++;
            _feeds.Ensure(index);
        }

        ref var feed = ref this[index];
        feed = default;
        feed.Count = strands.Length;
        feed.Strands = (int*)NativeMemory.Alloc((nuint)strands.Length * 2, sizeof(int));
        strands.CopyTo(new Span<int>(feed.Strands, strands.Length));
        feed.Hash = hash;
        feed.ExactOnly = exactOnly;
        ref var bucket = ref _buckets[hash & (_buckets.Length - 1)];
        feed.Next = bucket;
        bucket = index;
        return index;
    }

    private void Delete(int index)
    {
        ref var feed = ref this[index];
        ref var link = ref _buckets[feed.Hash & (_buckets.Length - 1)];
        while (link != index)
        {
            link = ref this[link].Next;
        }

        link = feed.Next;
        for (var i = 0; i < feed.Count; i++)
        {
            Unsubscribe(feed.StrandSpan[i], feed.Places[i]);
        }

        NativeMemory.Free(feed.Strands);
        feed = default;
        _freeFeeds.Push(index);
        Count--;
    }

    private void Rehash()
    {
        _buckets = new int[_buckets.Length * 2];
        for (var i = 1; i < _nextFeed; i++)
        {
            if (this[i].Count > 0)
            {
                ref var bucket = ref _buckets[this[i].Hash & (_buckets.Length - 1)];
                this[i].Next = bucket;
                bucket = i;
            }
        }
    }

    private void SubscribeAll(ref Feed feed, int entry)
    {
        for (var i = 0; i < feed.Count; i++)
        {
            var strand = feed.StrandSpan[i];
            if (!_localStrands.TryGetValue(strand, out var local))
            {
                if (!_freeLocals.TryPop(out local))
                {
                    local = _nextLocal++;
                    _subscribers.Ensure(local);
                }

                _localStrands.Add(strand, local);
            }

            feed.Places[i] = _subscribers[local].Add(entry);
        }
    }

    private void Rename(ref Feed feed, int entry)
    {
        for (var i = 0; i < feed.Count; i++)
        {
            _localStrands.TryGetValue(feed.StrandSpan[i], out var local);
            _subscribers[local][feed.Places[i]] = entry;
        }
    }

    private void Unsubscribe(int strand, int place)
    {
        _localStrands.TryGetValue(strand, out var local);
        ref var list = ref _subscribers[local];
        list.RemoveAt(place);
        if (list.Count == 0)
        {
            _localStrands.Remove(strand);
            _freeLocals.Push(local);
        }
        else if (place < list.Count)
        {
            var moved = IsFeed(list[place], out var feed) ? feed : _connections[list[place]].Feed;
            ref var other = ref this[moved];
            other.Places[other.StrandSpan.BinarySearch(strand)] = place;
        }
    }
}
