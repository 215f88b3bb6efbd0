namespace Spillway.History.Sealed;

/// <summary>The loaded indexes of sealed segments: those used last, up to a bound in bytes. Any thread.</summary>
/// <remarks>The bound is exceeded by what readers hold at the moment, and by the newest index, however large.</remarks>
internal sealed class IndexCache(long maxBytes, HistoryMetrics metrics)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SealedSegment, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _order = new(); // Used last comes first.
    private long _bytes;

    /// <summary>Memory of what is loaded.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public LoadedSegment? TryGet(SealedSegment segment)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(segment, out var node))
            {
                return null;
            }

            _order.Remove(node);
            _order.AddFirst(node);
            return node.Value.Loaded;
        }
    }

    public void Add(SealedSegment segment, LoadedSegment loaded)
    {
        metrics.IndexLoaded();
        lock (_lock)
        {
            RemoveLocked(segment);
            var entry = new Entry(segment, loaded) { Bytes = loaded.Bytes };
            _entries[segment] = _order.AddFirst(entry);
            Volatile.Write(ref _bytes, _bytes + entry.Bytes);
            ShrinkLocked();
        }
    }

    /// <summary>Counts an index again, which has grown.</summary>
    public void Measure(SealedSegment segment)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(segment, out var node))
            {
                var bytes = node.Value.Loaded.Bytes;
                Volatile.Write(ref _bytes, _bytes + bytes - node.Value.Bytes);
                node.Value.Bytes = bytes;
                ShrinkLocked();
            }
        }
    }

    public void Remove(SealedSegment segment)
    {
        lock (_lock)
        {
            RemoveLocked(segment);
        }
    }

    private void ShrinkLocked()
    {
        while (_bytes > maxBytes && _entries.Count > 1)
        {
            RemoveLocked(_order.Last!.Value.Segment);
            metrics.IndexEvicted();
        }
    }

    private void RemoveLocked(SealedSegment segment)
    {
        if (_entries.Remove(segment, out var node))
        {
            _order.Remove(node);
            Volatile.Write(ref _bytes, _bytes - node.Value.Bytes);
        }
    }

    private sealed class Entry(SealedSegment segment, LoadedSegment loaded)
    {
        public SealedSegment Segment { get; } = segment;

        public LoadedSegment Loaded { get; } = loaded;

        public long Bytes { get; set; }
    }
}
