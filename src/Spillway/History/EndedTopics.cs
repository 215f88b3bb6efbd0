using System.Collections.Concurrent;

namespace Spillway.History;

/// <summary>The topics that have ended, while the record that ended them is kept. One thread changes it; any thread asks.</summary>
internal sealed class EndedTopics
{
    private readonly ConcurrentDictionary<byte[], long> _offsets = new(NameComparer.Instance);
    private long _tail;

    public bool Contains(ReadOnlySpan<byte> topic) =>
        _offsets.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out var offset) && offset > Volatile.Read(ref _tail);

    public void Add(ReadOnlySpan<byte> topic, long offset) => _offsets.GetAlternateLookup<ReadOnlySpan<byte>>()[topic] = offset;

    /// <summary>Ends up to an offset are no longer known.</summary>
    public void Forget(long upTo) => Volatile.Write(ref _tail, upTo);

    /// <summary>Frees the memory of what was forgotten. May take a while; any thread.</summary>
    public void Sweep()
    {
        foreach (var ended in _offsets)
        {
            if (ended.Value <= Volatile.Read(ref _tail))
            {
                _offsets.TryRemove(ended);
            }
        }
    }

    /// <summary>Forgets an end, unless the topic was ended again later.</summary>
    public void Remove(ReadOnlySpan<byte> topic, long offset) =>
        _offsets.TryRemove(new KeyValuePair<byte[], long>(topic.ToArray(), offset));
}
