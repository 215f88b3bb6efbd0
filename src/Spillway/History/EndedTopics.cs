using System.Collections.Concurrent;

namespace Spillway.History;

/// <summary>
/// The topics that have ended, while the record that ended them is kept, up to a limit: beyond it the oldest ends are forgotten, as if retention had. One thread adds; any thread asks.
/// </summary>
/// <param name="later">Does what may take a while, apart from who adds.</param>
/// <param name="forgotten">Hears of how many ends the limit took.</param>
internal sealed class EndedTopics(int limit = int.MaxValue, Action<Action>? later = null, Action<long>? forgotten = null)
{
    private readonly ConcurrentDictionary<byte[], long> _offsets = new(NameComparer.Instance);
    private long _tail;
    private int _count; // The dictionary's own takes all its locks.
    private int _shrinking;

    /// <summary>Ends in memory: at most an eighth more than the limit, but while that is put right.</summary>
    public int Count => Volatile.Read(ref _count);

    public bool Contains(ReadOnlySpan<byte> topic) =>
        _offsets.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out var offset) && offset > Volatile.Read(ref _tail);

    /// <summary>Whether a topic has ended after an offset.</summary>
    public bool EndsAfter(ReadOnlySpan<byte> topic, long offset) =>
        _offsets.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out var end) && end > Math.Max(offset, Volatile.Read(ref _tail));

    public void Add(ReadOnlySpan<byte> topic, long offset)
    {
        var offsets = _offsets.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (offsets.TryAdd(topic, offset))
        {
            Interlocked.Increment(ref _count);
        }
        else
        {
            offsets[topic] = offset;
        }

        if (Count - limit > limit / 8 && Interlocked.Exchange(ref _shrinking, 1) == 0)
        {
            (later ?? Run)(Shrink);
        }
    }

    /// <summary>Ends up to an offset are no longer known.</summary>
    public void Forget(long upTo)
    {
        long tail;
        while ((tail = Volatile.Read(ref _tail)) < upTo && Interlocked.CompareExchange(ref _tail, upTo, tail) != tail)
        {
            // Somebody else has forgotten, too.
        }
    }

    /// <summary>Frees the memory of what was forgotten. May take a while; any thread.</summary>
    public void Sweep()
    {
        foreach (var ended in _offsets)
        {
            if (ended.Value <= Volatile.Read(ref _tail))
            {
                Remove(ended);
            }
        }
    }

    /// <summary>Forgets an end, unless the topic was ended again later.</summary>
    public void Remove(ReadOnlySpan<byte> topic, long offset) => Remove(new KeyValuePair<byte[], long>(topic.ToArray(), offset));

    private static void Run(Action chore) => chore();

    private void Remove(KeyValuePair<byte[], long> ended)
    {
        if (_offsets.TryRemove(ended))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private void Shrink()
    {
        var before = Count;
        var offsets = _offsets.Values.ToArray();
        Array.Sort(offsets);
        if (offsets.Length > limit)
        {
            Forget(offsets[^(limit + 1)]);
            Sweep();
        }

        forgotten?.Invoke(Math.Max(0, before - Count));
        Volatile.Write(ref _shrinking, 0);
    }
}
