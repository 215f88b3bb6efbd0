using System.Text;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Tests.History;

/// <summary>Asks a history of which retention took parts, beside a list of all events ever and one of those that are there.</summary>
internal sealed class RetentionCheck(
    SegmentedHistory history, List<ModelEvent> all, List<ModelEvent> unclear, List<ModelEvent> present, string[] topics, Random random, bool isCounted, bool hadFaults)
{
    private static readonly string[] PatternPool = ["**", "a/**", "*/1", "b/*", "*/*/x", "c/1"];

    private readonly HashSet<long> _there = [.. present.Select(static one => one.Offset)];
    private readonly HistoryModel _model = ModelOf(present);

    public void Check()
    {
        for (var i = 0; i < 3; i++)
        {
            CheckPages(RandomSelectors(), random.Next(3) == 0 ? 0 : random.NextInt64(history.Head + 1));
        }

        CheckFinds(RandomSelectors());
        CheckTopics();
    }

    private static HistoryModel ModelOf(List<ModelEvent> events)
    {
        var model = new HistoryModel();
        events.ForEach(model.Add);
        return model;
    }

    private SelectorSet RandomSelectors() => HistoryRig.Select(
        [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(2) == 0 ? PatternPool[random.Next(PatternPool.Length)] : topics[random.Next(topics.Length)]).Distinct()]);

    private static bool IsSelected(ModelEvent one, SelectorSet selectors) => one.Topics.Any(topic => selectors.MayMatch(topic));

    /// <summary>All that is there comes, in order; all that is not is told before it, and never so that something which is there seems to be gone.</summary>
    private void CheckPages(SelectorSet selectors, long start)
    {
        var upTo = random.Next(4) == 0 ? random.NextInt64(history.Head + 1) : history.Head;
        var found = new List<long>();
        var gone = all.FindAll(one => !one.IsMarker && !_there.Contains(one.Offset) && IsSelected(one, selectors));
        for (var from = start; from < upTo;)
        {
            var page = history.Read(selectors, from, upTo, random.Next(2) == 0 ? 200 : 20_000);
            var offsets = HistoryRig.Offsets(page.Records);
            Assert.True(page.From == from && page.To > from && page.To <= upTo, "A page of nothing.");
            var missing = gone.FindAll(one => one.Offset > from && one.Offset <= page.To);
            if (page.Missing is { } gap)
            {
                Assert.True((gap.From == from || (gap.Corrupt && gap.From > from)) && gap.To > gap.From && gap.To <= page.To, $"A gap that is elsewhere: {gap} from {from}.");
                Assert.True(offsets.Length == 0 || offsets[0] > gap.To, "An event after a gap that covers it.");
                Assert.DoesNotContain(present, one => one.Offset > gap.From && one.Offset <= gap.To && IsSelected(one, selectors));
                Assert.All(missing, one => Assert.InRange(one.Offset, gap.From + 1, gap.To));
                var most = missing.Count + unclear.Count(one => !one.IsMarker && one.Offset > gap.From && one.Offset <= gap.To && IsSelected(one, selectors));
                Assert.True(gap.Count >= missing.Count && gap.Count <= most || (gap.Count is null && !isCounted), $"{gap.Count} instead of {missing.Count} between {gap.From} and {gap.To}.");
                Assert.NotEqual(0, gap.Count);
            }
            else
            {
                Assert.Empty(missing);
            }

            found.AddRange(offsets);
            from = page.To;
        }

        Assert.Equal(_model.Between(selectors, start, upTo).Select(static one => one.Offset), found);
    }

    private void CheckFinds(SelectorSet selectors)
    {
        var time = present.Count == 0 ? 0 : present[random.Next(present.Count)].Time + random.Next(2);
        Assert.Equal(_model.FindSince(time, history.Tail), history.FindSince(time));
        var count = random.Next(1, 30);
        Assert.Equal(_model.FindLast(selectors, count, history.Tail), history.FindLast(selectors, count));

        var after = random.NextInt64(history.Head + 1);
        var follows = all.Exists(one => one.Offset > after && !one.IsMarker && IsSelected(one, selectors));
        Assert.True(history.HasAny(selectors, after) == follows || (!follows && (!isCounted || unclear.Exists(one => one.Offset > after && IsSelected(one, selectors)))), "HasAny is wrong.");

        var upTo = random.NextInt64(history.Head + 1);
        var snapshot = history.Snapshot(selectors, upTo, 10_000, int.MaxValue);
        Assert.Equal(_model.Snapshot(selectors, history.Tail, upTo), HistoryRig.Offsets(snapshot.Records));
        Assert.Null(snapshot.Missing);
        Assert.Equal(_model.Snapshot(selectors, Math.Max(after, history.Tail), upTo), HistoryRig.Offsets(history.Newest(selectors, after, upTo, 10_000, int.MaxValue).Records));
    }

    private void CheckTopics()
    {
        var expected = _model.Topics(history.Tail).ToList();
        Assert.Equal(expected.Count, history.TopicCount);
        if (hadFaults)
        {
            return; // A topic that ended twice: while its earlier end could not be taken, and the later one was, nobody knows of an end.
        }

        Assert.All(topics, topic => Assert.Equal(expected.Exists(kept => kept.Name == topic && kept.Ended), history.IsEnded(Encoding.UTF8.GetBytes(topic))));
        Assert.Equal(expected, history.ListTopics("", null, 1_000).Select(static topic => (topic.Topic, topic.Events, topic.LastTime, topic.Ended)));
    }
}
