using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>Files open for reading: those used last, at most so many, more only while readers are in them. Any thread.</summary>
internal sealed class FileCache(IDisk disk, int capacity) : IDisposable
{
    /// <summary>A hub's descriptors are for its connections.</summary>
    public const int UsualCapacity = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _order = new(); // Used last comes first.

    /// <summary>Files open now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <exception cref="FileNotFoundException">There is none.</exception>
    public Lease Open(string name)
    {
        lock (_lock)
        {
            if (TryLeaseLocked(name) is { } known)
            {
                return new Lease(this, known);
            }
        }

        var file = disk.Open(name, writable: false); // Not under the lock: the disk may be slow.
        lock (_lock)
        {
            if (TryLeaseLocked(name) is { } known)
            {
                file.Dispose();
                return new Lease(this, known);
            }

            var entry = new Entry(name, file) { Readers = 1 };
            _entries[name] = _order.AddFirst(entry);
            for (var node = _order.Last; node is not null && _entries.Count > capacity;)
            {
                var previous = node.Previous;
                if (node.Value.Readers == 0)
                {
                    RemoveLocked(node);
                }

                node = previous;
            }

            return new Lease(this, entry);
        }
    }

    /// <summary>Forgets a file that is deleted or replaced; who reads it goes on.</summary>
    public void Close(string name)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(name, out var node))
            {
                RemoveLocked(node);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            while (_order.First is { } node)
            {
                RemoveLocked(node);
            }
        }
    }

    private Entry? TryLeaseLocked(string name)
    {
        if (!_entries.TryGetValue(name, out var node))
        {
            return null;
        }

        _order.Remove(node);
        _order.AddFirst(node);
        node.Value.Readers++;
        return node.Value;
    }

    private void RemoveLocked(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Name);
        _order.Remove(node);
        node.Value.IsRemoved = true;
        if (node.Value.Readers == 0)
        {
            node.Value.File.Dispose();
        }
    }

    private void Return(Entry entry)
    {
        lock (_lock)
        {
            entry.Readers--;
            if (entry is { IsRemoved: true, Readers: 0 })
            {
                entry.File.Dispose();
            }
        }
    }

    /// <summary>A file for as long as the lease is not disposed.</summary>
    public readonly struct Lease : IDisposable
    {
        private readonly FileCache _cache;
        private readonly Entry _entry;

        internal Lease(FileCache cache, Entry entry)
        {
            (_cache, _entry) = (cache, entry);
        }

        public IDiskFile File => _entry.File;

        public void Dispose() => _cache.Return(_entry);
    }

    internal sealed class Entry(string name, IDiskFile file)
    {
        public string Name { get; } = name;

        public IDiskFile File { get; } = file;

        public int Readers { get; set; }

        public bool IsRemoved { get; set; }
    }
}
