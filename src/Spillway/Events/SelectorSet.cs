using System.Text;

namespace Spillway.Events;

/// <summary>What one subscription selects: exact topics and patterns, each once.</summary>
/// <param name="topics">Exact topics in UTF-8, distinct.</param>
/// <param name="patterns">Patterns, distinct by their names.</param>
internal sealed class SelectorSet(byte[][] topics, EventPattern[] patterns) : IEquatable<SelectorSet>
{
    private int _hash; // 0: not computed yet.

    public SelectorSet(IEnumerable<string> topics, IEnumerable<EventPattern> patterns)
        : this([.. topics.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)], [.. patterns.DistinctBy(static pattern => pattern.Name, StringComparer.Ordinal)])
    {
    }

    /// <summary>Selects nothing.</summary>
    public static SelectorSet None { get; } = new([], Array.Empty<EventPattern>());

    /// <summary>Selects every topic.</summary>
    public static SelectorSet Everything { get; } = new([], [TopicPattern.Everything]);

    /// <summary>Exact topics in UTF-8.</summary>
    public IReadOnlyList<byte[]> Topics => topics;

    public IReadOnlyList<EventPattern> Patterns => patterns;

    /// <summary>How many topics and patterns.</summary>
    public int Count => topics.Length + patterns.Length;

    /// <summary>Whether an event may be selected because of this topic.</summary>
    public bool MayMatch(ReadOnlySpan<byte> topic) => HasTopic(topic) || AnyMayMatch(topic);

    /// <summary>Whether it names the same in the same order.</summary>
    public bool Equals(SelectorSet? other)
    {
        if (other is null || other.GetHashCode() != GetHashCode() || other.Topics.Count != topics.Length || other.Patterns.Count != patterns.Length)
        {
            return false;
        }

        for (var i = 0; i < topics.Length; i++)
        {
            if (!topics[i].AsSpan().SequenceEqual(other.Topics[i]))
            {
                return false;
            }
        }

        for (var i = 0; i < patterns.Length; i++)
        {
            if (!string.Equals(patterns[i].Name, other.Patterns[i].Name, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as SelectorSet);

    public override int GetHashCode()
    {
        if (_hash == 0)
        {
            var hash = default(HashCode);
            foreach (var topic in topics)
            {
                hash.AddBytes(topic);
                hash.Add(topic.Length);
            }

            foreach (var pattern in patterns)
            {
                hash.Add(pattern.Name, StringComparer.Ordinal);
            }

            _hash = hash.ToHashCode() | 1;
        }

        return _hash;
    }

    /// <summary>Whether an event is selected.</summary>
    public bool Matches(in EventRecord record)
    {
        if (HasTopic(record.Topic))
        {
            return true;
        }

        foreach (var alternate in record.Alternates)
        {
            if (HasTopic(alternate))
            {
                return true;
            }
        }

        foreach (var pattern in patterns)
        {
            if (pattern.Matches(record))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasTopic(ReadOnlySpan<byte> topic)
    {
        foreach (var exact in topics)
        {
            if (topic.SequenceEqual(exact))
            {
                return true;
            }
        }

        return false;
    }

    private bool AnyMayMatch(ReadOnlySpan<byte> topic)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.MayMatch(topic))
            {
                return true;
            }
        }

        return false;
    }
}
