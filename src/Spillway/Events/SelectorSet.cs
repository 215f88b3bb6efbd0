using System.Text;

namespace Spillway.Events;

/// <summary>What one subscription selects: exact topics and patterns, each once.</summary>
internal sealed class SelectorSet(IEnumerable<string> topics, IEnumerable<TopicPattern> patterns)
{
    /// <summary>Exact topics in UTF-8.</summary>
    public IReadOnlyList<byte[]> Topics { get; } = [.. topics.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)];

    public IReadOnlyList<TopicPattern> Patterns { get; } = [.. patterns.DistinctBy(static pattern => pattern.Text, StringComparer.Ordinal)];

    public bool Matches(ReadOnlySpan<byte> topic)
    {
        foreach (var exact in Topics)
        {
            if (topic.SequenceEqual(exact))
            {
                return true;
            }
        }

        foreach (var pattern in Patterns)
        {
            if (pattern.Matches(topic))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether any topic of the event, canonical or alternate, is selected.</summary>
    public bool Matches(in EventRecord record)
    {
        if (Matches(record.Topic))
        {
            return true;
        }

        foreach (var alternate in record.Alternates)
        {
            if (Matches(alternate))
            {
                return true;
            }
        }

        return false;
    }
}
