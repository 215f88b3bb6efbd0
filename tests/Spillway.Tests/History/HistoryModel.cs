using Spillway.Events;

namespace Spillway.Tests.History;

/// <summary>The simplest history there is: a list of all events ever, searched from end to end.</summary>
internal sealed class HistoryModel
{
    private readonly List<ModelEvent> _all = [];

    public IReadOnlyList<ModelEvent> All => _all;

    public void Add(ModelEvent added) => _all.Add(added);

    /// <summary>What is selected in a stretch, markers included.</summary>
    public List<ModelEvent> Between(SelectorSet selectors, long after, long upTo) =>
        _all.FindAll(kept => kept.Offset > after && kept.Offset <= upTo && kept.Topics.Any(topic => selectors.MayMatch(topic)));

    public int CountEvents(SelectorSet selectors, long after, long upTo) => Between(selectors, after, upTo).Count(static kept => !kept.IsMarker);

    public long FindSince(long time, long tail) => _all.FindLast(kept => kept.Offset > tail && kept.Time < time)?.Offset ?? tail;

    public long FindLast(SelectorSet selectors, int count, long tail)
    {
        var events = Between(selectors, tail, long.MaxValue).FindAll(static kept => !kept.IsMarker);
        return events.Count < count ? tail : events[^count].Offset - 1;
    }

    public long[] Snapshot(SelectorSet selectors, long after, long upTo) =>
        [.. Between(selectors, after, upTo).Where(static kept => !kept.IsMarker).GroupBy(static kept => (kept.Topics[0], kept.Key, (kept.Flags & EventFlags.Private) != 0), NameEquality.Instance)
            .Select(static same => same.Max(static kept => kept.Offset)).Order()];

    /// <summary>Topics after the tail with events, newest time and whether they have ended, sorted by bytes.</summary>
    public IEnumerable<(string Name, long Events, long LastTime, bool Ended)> Topics(long tail) =>
        _all.Where(kept => kept.Offset > tail).SelectMany(static kept => kept.Names.Distinct().Select(name => (Name: name, Event: kept))).GroupBy(static pair => pair.Name)
            .OrderBy(static topic => topic.Key, StringComparer.Ordinal) // The names of these tests are ASCII.
            .Select(topic => (topic.Key, topic.LongCount(static pair => !pair.Event.IsMarker), topic.Last().Event.Time,
                topic.Any(pair => pair.Event.EndsTopic && pair.Event.Names[0] == topic.Key)));

    private sealed class NameEquality : IEqualityComparer<(byte[] Topic, string? Key, bool IsPrivate)>
    {
        public static readonly NameEquality Instance = new();

        public bool Equals((byte[] Topic, string? Key, bool IsPrivate) x, (byte[] Topic, string? Key, bool IsPrivate) y) => x.Key == y.Key && x.IsPrivate == y.IsPrivate && x.Topic.AsSpan().SequenceEqual(y.Topic);

        public int GetHashCode((byte[] Topic, string? Key, bool IsPrivate) obj) => HashCode.Combine(obj.Topic.Length, obj.Key);
    }
}
