using System.Text;

namespace Spillway.History;

/// <summary>Lists topics in the order of their bytes: one look at each segment, whose table of topics need not stay in memory.</summary>
internal sealed class TopicLister(EndedTopics ended, byte[] prefix, byte[]? after, int limit, Func<ReadOnlySpan<byte>, bool>? isShown)
{
    private readonly SortedSet<byte[]> _names = new(NameComparer.Instance);
    private readonly Dictionary<byte[], (long Events, long LastTime)> _found = new(NameComparer.Instance);
    private byte[]? _largest; // Of a full list: most names of a large hub are ruled out by one comparison with it. It only gets smaller, so what is ruled out once never counts.

    public static IReadOnlyList<TopicSummary> List(HistoryView view, EndedTopics ended, string prefix, string? after, int limit, Func<ReadOnlySpan<byte>, bool>? isShown)
    {
        var lister = new TopicLister(ended, Encoding.UTF8.GetBytes(prefix), after is null ? null : Encoding.UTF8.GetBytes(after), limit, isShown);
        if (limit > 0)
        {
            foreach (var segment in view.Segments)
            {
                lister.Look(segment.ReadTopics());
            }
        }

        return lister.ToList();
    }

    private void Look(TopicTable topics)
    {
        var first = topics.IsSorted ? topics.FirstFrom(after is not null && after.AsSpan().SequenceCompareTo(prefix) > 0 ? after : prefix) : 0;
        for (var (number, count) = (first, topics.Count); number < count; number++)
        {
            var name = topics.NameOf(number);
            if (!name.StartsWith(prefix) || (_largest is not null && name.SequenceCompareTo(_largest) > 0))
            {
                if (topics.IsSorted)
                {
                    return;
                }
            }
            else if ((after is null || name.SequenceCompareTo(after) > 0) && isShown?.Invoke(name) != false)
            {
                Add(name.ToArray(), in topics[number]);
            }
        }
    }

    private void Add(byte[] name, ref readonly TopicEntry entry)
    {
        var events = _found.TryGetValue(name, out var known) ? known.Events : 0;
        _found[name] = (events + entry.PublicCount + entry.PrivateCount, entry.LastTime); // The newest segment comes last.
        _names.Add(name);
        if (_names.Count > limit)
        {
            _names.Remove(_largest!);
            _found.Remove(_largest!);
        }

        _largest = _names.Count == limit ? _names.Max : null;
    }

    private List<TopicSummary> ToList() =>
        [.. _names.Select(name => new TopicSummary(Encoding.UTF8.GetString(name), _found[name].Events, _found[name].LastTime, ended.Contains(name)))];
}
