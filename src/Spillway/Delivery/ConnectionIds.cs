namespace Spillway.Delivery;

/// <summary>
/// The ids of a loop's connections, and the way back from an id to its connection's number: eight bytes for each number, and four for each entry of a table at most three quarters full. Outside
/// the garbage collector's heap.
/// </summary>
internal sealed class ConnectionIds : IDisposable
{
    private NativeArray<ulong> _ids = new(1024);
    private NativeArray<int> _entries = new(2048); // A number plus one; 0: nothing.
    private int _count;

    /// <summary>The id of a connection in use.</summary>
    public ulong this[int number] => _ids[number];

    /// <summary>The connection's number; −1 where nobody has the id.</summary>
    public int Find(ulong id)
    {
        var mask = _entries.Length - 1;
        for (var i = Home(id, mask); _entries[i] != 0; i = (i + 1) & mask)
        {
            if (_ids[_entries[i] - 1] == id)
            {
                return _entries[i] - 1;
            }
        }

        return -1;
    }

    public void Add(int number, ulong id)
    {
        while (number >= _ids.Length)
        {
            _ids = _ids.GrownTo(_ids.Length * 2);
        }

        _ids[number] = id;
        if (++_count * 4L > _entries.Length * 3)
        {
            Grow();
        }

        Place(number);
    }

    public void Remove(int number)
    {
        if (number >= _ids.Length)
        {
            return;
        }

        var mask = _entries.Length - 1;
        var hole = Home(_ids[number], mask);
        while (_entries[hole] != number + 1)
        {
            if (_entries[hole] == 0)
            {
                return; // It was not added.
            }

            hole = (hole + 1) & mask;
        }

        _count--;
        for (var i = (hole + 1) & mask; _entries[i] != 0; i = (i + 1) & mask) // Close the hole: no marks of removed entries pile up.
        {
            if (((i - Home(_ids[_entries[i] - 1], mask)) & mask) >= ((i - hole) & mask))
            {
                _entries[hole] = _entries[i];
                hole = i;
            }
        }

        _entries[hole] = 0;
    }

    public void Dispose()
    {
        _ids.Dispose();
        _entries.Dispose();
    }

    private static long Home(ulong id, long mask) => (long)(id >> 8) & mask; // Ids are random; their lowest bits name the loop.

    private void Place(int number)
    {
        var mask = _entries.Length - 1;
        var i = Home(_ids[number], mask);
        while (_entries[i] != 0)
        {
            i = (i + 1) & mask;
        }

        _entries[i] = number + 1;
    }

    private void Grow()
    {
        var old = _entries;
        _entries = new NativeArray<int>(old.Length * 2);
        for (long i = 0; i < old.Length; i++)
        {
            if (old[i] != 0)
            {
                Place(old[i] - 1);
            }
        }

        old.Dispose();
    }
}
