using System.Text;

namespace Spillway.Events;

/// <summary>What one subscription selects: exact topics and patterns, each once.</summary>
/// <param name="topics">Exact topics in UTF-8, distinct.</param>
/// <param name="patterns">Patterns, distinct by their text.</param>
internal sealed class SelectorSet(byte[][] topics, TopicPattern[] patterns)
{
    public SelectorSet(IEnumerable<string> topics, IEnumerable<TopicPattern> patterns)
        : this([.. topics.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)], [.. patterns.DistinctBy(static pattern => pattern.Text, StringComparer.Ordinal)])
    {
    }

    /// <summary>Exact topics in UTF-8.</summary>
    public IReadOnlyList<byte[]> Topics => topics;

    public IReadOnlyList<TopicPattern> Patterns => patterns;

    public bool Matches(ReadOnlySpan<byte> topic)
    {
        foreach (var exact in topics)
        {
            if (topic.SequenceEqual(exact))
            {
                return true;
            }
        }

        foreach (var pattern in patterns)
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
