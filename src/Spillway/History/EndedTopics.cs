using System.Collections.Concurrent;

namespace Spillway.History;

/// <summary>The topics that have ended, while the record that ended them is kept. One thread changes it; any thread asks.</summary>
internal sealed class EndedTopics
{
    private readonly ConcurrentDictionary<byte[], long> _offsets = new(NameComparer.Instance);

    public bool Contains(ReadOnlySpan<byte> topic) => _offsets.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(topic);

    public void Add(ReadOnlySpan<byte> topic, long offset) => _offsets.GetAlternateLookup<ReadOnlySpan<byte>>()[topic] = offset;

    /// <summary>Forgets an end, unless the topic was ended again later.</summary>
    public void Remove(ReadOnlySpan<byte> topic, long offset) =>
        _offsets.TryRemove(new KeyValuePair<byte[], long>(topic.ToArray(), offset));
}
