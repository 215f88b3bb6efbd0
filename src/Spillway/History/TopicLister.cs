using System.Text;

namespace Spillway.History;

/// <summary>Lists topics in the order of their bytes.</summary>
internal static class TopicLister
{
    public static IReadOnlyList<TopicSummary> List(HistoryView view, EndedTopics ended, string prefix, string? after, int limit)
    {
        var names = FindNames(view, Encoding.UTF8.GetBytes(prefix), after is null ? null : Encoding.UTF8.GetBytes(after), limit);
        return [.. names.Select(name => Summarise(view, ended, name))];
    }

    private static SortedSet<byte[]> FindNames(HistoryView view, byte[] prefix, byte[]? after, int limit)
    {
        var names = new SortedSet<byte[]>(NameComparer.Instance);
        byte[]? largest = null; // Of a full set: most names of a large hub are ruled out by one comparison with it.
        foreach (var segment in view.Segments)
        {
            var topics = segment.Index.Topics;
            var count = limit > 0 ? topics.Count : 0;
            for (var number = 0; number < count; number++)
            {
                var name = topics.NameOf(number);
                if (!name.StartsWith(prefix) || (after is not null && name.SequenceCompareTo(after) <= 0)
                    || (largest is not null && name.SequenceCompareTo(largest) >= 0))
                {
                    continue;
                }

                names.Add(name.ToArray());
                if (names.Count > limit)
                {
                    names.Remove(names.Max!);
                }

                largest = names.Count == limit ? names.Max : null;
            }
        }

        return names;
    }

    private static TopicSummary Summarise(HistoryView view, EndedTopics ended, byte[] name)
    {
        var hash = TopicHash.Of(name);
        var (events, lastTime) = (0L, 0L);
        foreach (var segment in view.Segments)
        {
            if (segment.Index.Topics.Find(name, hash) is var number and >= 0)
            {
                ref readonly var entry = ref segment.Index.Topics[number];
                events += entry.PublicCount + (long)entry.PrivateCount;
                lastTime = entry.LastTime; // The newest segment comes last.
            }
        }

        return new TopicSummary(Encoding.UTF8.GetString(name), events, lastTime, ended.Contains(name));
    }
}
