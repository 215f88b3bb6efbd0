using System.Diagnostics.CodeAnalysis;

namespace Spillway.Backplane;

/// <summary>The topics that a round's own events end, before history knows of them. Used by one thread.</summary>
internal sealed class RoundEnds
{
    private readonly List<byte[]> _order = [];
    private readonly HashSet<byte[]> _topics = new(new Comparer());
    private readonly HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    public RoundEnds() => _lookup = _topics.GetAlternateLookup<ReadOnlySpan<byte>>();

    public int Count => _order.Count;

    public bool Contains(ReadOnlySpan<byte> topic) => _order.Count > 0 && _lookup.Contains(topic);

    /// <summary>Adds a topic that is not in it.</summary>
    public void Add(ReadOnlySpan<byte> topic)
    {
        var name = topic.ToArray();
        _order.Add(name);
        _topics.Add(name);
    }

    /// <summary>Takes back the newest topics until <paramref name="count"/> are left.</summary>
    public void RollBack(int count)
    {
        for (var i = _order.Count - 1; i >= count; i--)
        {
            _topics.Remove(_order[i]);
            _order.RemoveAt(i);
        }
    }

    private sealed class Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode); // Seeded per process: publishers cannot choose names that collide.
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
