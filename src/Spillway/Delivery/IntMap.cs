namespace Spillway.Delivery;

/// <summary>A map from non-negative numbers to non-negative numbers outside the garbage collector's heap: 8 bytes an entry at three quarters full.</summary>
internal sealed class IntMap : IDisposable
{
    private const long Empty = 0; // Keys are stored plus one.

    private NativeArray<long> _entries = new(64);

    public int Count { get; private set; }

    public bool TryGetValue(int key, out int value)
    {
        var mask = _entries.Length - 1;
        for (var i = Hash(key) & mask; ; i = (i + 1) & mask)
        {
            var entry = _entries[i];
            if (entry == Empty)
            {
                value = -1;
                return false;
            }

            if ((int)(entry >> 32) == key + 1)
            {
                value = (int)entry;
                return true;
            }
        }
    }

    public void Add(int key, int value)
    {
        if (++Count * 4L > _entries.Length * 3)
        {
            var old = _entries;
            _entries = new NativeArray<long>(old.Length * 2);
            for (long i = 0; i < old.Length; i++)
            {
                if (old[i] != Empty)
                {
                    Place(old[i]);
                }
            }

            old.Dispose();
        }

        Place(((long)(key + 1) << 32) | (uint)value);
    }

    public void Remove(int key)
    {
        var mask = _entries.Length - 1;
        var hole = Hash(key) & mask;
        while ((int)(_entries[hole] >> 32) != key + 1)
        {
            if (_entries[hole] == Empty)
            {
                return;
            }

            hole = (hole + 1) & mask;
        }

        Count--;
        for (var i = (hole + 1) & mask; _entries[i] != Empty; i = (i + 1) & mask) // Close the hole: no marks of removed entries pile up.
        {
            var wanted = Hash((int)(_entries[i] >> 32) - 1) & mask;
            if (((i - wanted) & mask) >= ((i - hole) & mask))
            {
                _entries[hole] = _entries[i];
                hole = i;
            }
        }

        _entries[hole] = Empty;
    }

    public void Dispose() => _entries.Dispose();

    private static long Hash(int key) => (uint)(key * 0x9E3779B1u) >> 4; // Strand numbers are dense: spread neighbours.

    private void Place(long entry)
    {
        var mask = _entries.Length - 1;
        var i = Hash((int)(entry >> 32) - 1) & mask;
        while (_entries[i] != Empty)
        {
            i = (i + 1) & mask;
        }

        _entries[i] = entry;
    }
}
