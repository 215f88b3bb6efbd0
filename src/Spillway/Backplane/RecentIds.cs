using System.Runtime.InteropServices;

namespace Spillway.Backplane;

/// <summary>The publishers' ids of the newest events, the oldest forgotten first: by age, and by number. One thread changes them, any finds one.</summary>
/// <remarks>
/// A ring of entries in the order of their events, chained by hash. 64 bytes an entry and 4 to 8 for its chain, however long the id. Those of one name are chained besides, both ways: they are as many as publishers like. Each name takes some
/// 50 bytes more.
/// </remarks>
internal sealed class RecentIds
{
    private const int SmallestCapacity = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, (int Oldest, int Newest)> _names = []; // Each by its index + 1.
    private readonly int _keys;
    private readonly long _window;
    private Entry[] _ring = new Entry[SmallestCapacity];
    private int[] _chains = new int[SmallestCapacity]; // Index + 1 of a chain's newest entry; 0: none.
    private int _oldest;

    public RecentIds(DedupOptions options)
    {
        _keys = options.Keys;
        _window = (long)options.Window.TotalMilliseconds;
    }

    public int Count { get; private set; }

    /// <summary>Finds an id that is still remembered.</summary>
    public bool TryFind(UInt128 key, out ulong content, out long offset)
    {
        lock (_gate)
        {
            for (var next = _chains[ChainOf(key)]; next != 0; next = _ring[next - 1].Next)
            {
                ref var entry = ref _ring[next - 1];
                if (entry.Key == key)
                {
                    (content, offset) = (entry.Content, entry.Offset);
                    return true;
                }
            }

            (content, offset) = (0, 0);
            return false;
        }
    }

    /// <summary>The offsets of the first events whose ids have a name, ascending.</summary>
    public long[] FindNamed(UInt128 name, int most)
    {
        lock (_gate)
        {
            var offsets = new List<long>();
            var (before, at) = (0, _names.TryGetValue(name, out var ends) ? ends.Oldest : 0);
            while (at != 0 && offsets.Count < most)
            {
                offsets.Add(_ring[at - 1].Offset);
                (before, at) = (at, _ring[at - 1].Namesakes ^ before);
            }

            return [.. offsets];
        }
    }

    /// <summary>Remembers an id that is not known yet. The bound on their number is kept by <see cref="Trim"/>, once a round's fate is known.</summary>
    public void Add(RecordId id, long offset, long time)
    {
        lock (_gate)
        {
            if (Count == _ring.Length)
            {
                Grow();
            }

            var index = (_oldest + Count) & (_ring.Length - 1);
            _ring[index] = new Entry { Key = id.Key, Name = id.Name, Content = id.Content, Offset = offset, Time = time };
            Link(index);
            Count++;
        }
    }

    /// <summary>Takes back the newest ids until <paramref name="count"/> are left.</summary>
    public void RollBack(int count)
    {
        lock (_gate)
        {
            while (Count > count)
            {
                Unlink((_oldest + Count - 1) & (_ring.Length - 1));
                Count--;
            }
        }
    }

    /// <summary>Forgets what is too old at <paramref name="now"/> (milliseconds since 1970).</summary>
    public void Expire(long now)
    {
        lock (_gate)
        {
            while (Count > 0 && now - _ring[_oldest].Time >= _window)
            {
                RemoveOldest();
            }
        }
    }

    /// <summary>Forgets the oldest beyond the most that may be kept.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            while (Count > _keys)
            {
                RemoveOldest();
            }
        }
    }

    private void RemoveOldest()
    {
        Unlink(_oldest);
        _oldest = (_oldest + 1) & (_ring.Length - 1);
        Count--;
    }

    private void Link(int index)
    {
        ref var chain = ref _chains[ChainOf(_ring[index].Key)];
        _ring[index].Next = chain;
        chain = index + 1;
        if (_ring[index].Name != UInt128.Zero)
        {
            LinkName(_ring[index].Name, index + 1);
        }
    }

    private void LinkName(UInt128 name, int place)
    {
        ref var ends = ref CollectionsMarshal.GetValueRefOrAddDefault(_names, name, out var isKnown);
        _ring[place - 1].Namesakes = isKnown ? ends.Newest : 0;
        if (isKnown)
        {
            _ring[ends.Newest - 1].Namesakes ^= place;
        }

        ends = (isKnown ? ends.Oldest : place, place);
    }

    private void Unlink(int index)
    {
        ref var link = ref _chains[ChainOf(_ring[index].Key)];
        while (link != index + 1)
        {
            link = ref _ring[link - 1].Next;
        }

        link = _ring[index].Next;
        if (_ring[index].Name != UInt128.Zero)
        {
            UnlinkName(_ring[index].Name, index + 1);
        }
    }

    // The oldest or the newest of all, and so of its name: it has one namesake beside it, or none.
    private void UnlinkName(UInt128 name, int place)
    {
        var (oldest, newest) = _names[name];
        if (oldest == newest)
        {
            _names.Remove(name);
            return;
        }

        var beside = _ring[place - 1].Namesakes;
        _ring[beside - 1].Namesakes ^= place;
        _names[name] = place == oldest ? (beside, newest) : (oldest, beside);
    }

    private void Grow()
    {
        var ring = new Entry[_ring.Length * 2];
        _ring.AsSpan(_oldest).CopyTo(ring);
        _ring.AsSpan(0, _oldest).CopyTo(ring.AsSpan(_ring.Length - _oldest));
        (_ring, _oldest) = (ring, 0);
        _chains = new int[ring.Length];
        _names.Clear();
        for (var index = 0; index < Count; index++)
        {
            Link(index);
        }
    }

    private int ChainOf(UInt128 key) => (int)(uint)key & (_chains.Length - 1);

    private struct Entry
    {
        public UInt128 Key;
        public UInt128 Name; // 0: none.
        public ulong Content;
        public long Offset;
        public long Time;
        public int Next;
        public int Namesakes; // The places (index + 1; 0: none) of the one before and the one behind it, by exclusive or: whoever comes from one finds the other.
    }
}
