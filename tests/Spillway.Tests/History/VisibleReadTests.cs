using System.Text;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>Reading what patterns over more than topics select: right, and at a cost that does not grow with the pairs of what is asked for and what is granted.</summary>
public sealed class VisibleReadTests
{
    [Fact]
    public void Read_OneIsAskedForAndManyAreGranted_AsksOfEachTopicOnce()
    {
        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 1_000 });
        AppendPrivate(rig, 100);
        var asked = new CountingMatcher("asked", static topic => topic.EndsWith('7'));
        var granted = Enumerable.Range(0, 20).Select(static i => new CountingMatcher($"granted/{i}", topic => topic.EndsWith($"/{i}", StringComparison.Ordinal))).ToArray();

        var found = Read(rig, granted.Select(grant => PrivatePattern.Of(asked, grant)));

        Assert.Equal([8, 18], found); // t/7 and t/17.
        Assert.All(granted.Append(asked), static matcher => Assert.Equal(100, matcher.Calls));
    }

    [Fact]
    public void Read_TooBroadForPostings_TestsARecordOnceAndOnlyWhereTheOtherSelectsIt()
    {
        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 1_000 });
        AppendPrivate(rig, 600);
        var asked = new CountingMatcher("asked", static topic => (topic[^1] - '0') % 2 == 0);
        var granted = Enumerable.Range(0, 5).Select(static i => new CountingMatcher($"granted/{i}", static _ => true)).ToArray();

        var found = Read(rig, granted.Select(grant => PrivatePattern.Of(asked, grant)));

        Assert.Equal(300, found.Length);
        Assert.InRange(asked.Calls, 600, 600 + 514); // Each record, and topics until more than 256 had matched.
        Assert.Equal(257 + 300, granted.Max(static grant => grant.Calls));
        Assert.Equal(4, granted.Count(static grant => grant.Calls == 257)); // All was found already.
    }

    [Fact]
    public void Read_EverythingIsGranted_TestsNothingAgainstThat()
    {
        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 1_000 });
        AppendPrivate(rig, 600);
        var asked = new CountingMatcher("asked", static topic => topic == "t/5");
        var everything = new CountingMatcher("everything", static _ => true, matchesAll: true);

        var found = Read(rig, [PrivatePattern.Of(asked, everything), PrivatePattern.Of(everything, everything), new PublicPattern(everything)]);

        Assert.Equal((600, 0, 600), (found.Length, everything.Calls, asked.Calls));
    }

    [Fact]
    public void Read_RandomPairs_IsWhatEachPatternSays()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 500 + random.Next(1_500) });
            var topics = random.Next(2) == 0 ? 12 : 900;
            for (var i = 0; i < 2_000; i++)
            {
                string[] alternates = random.Next(3) == 0 ? [$"t/{random.Next(topics)}", "other/1"] : [];
                rig.Append($"t/{random.Next(topics)}", alternates: alternates, flags: random.Next(2) == 0 ? EventFlags.Private : EventFlags.None);
            }

            var selectors = new SelectorSet(random.Next(2) == 0 ? ["t/3"] : [], [.. Enumerable.Range(0, 1 + random.Next(6)).Select(_ => RandomPattern(random))]);
            var records = HistoryRig.Divide(rig.History.Read(HistoryRig.Select("**"), 0, rig.History.Head, int.MaxValue).Records);
            var expected = records.Where(record => selectors.Matches(new EventRecord(record))).Select(static record => EventRecord.OffsetOf(record));

            var found = new List<long>();
            for (var after = 0L; after < rig.History.Head;)
            {
                var page = rig.History.Read(selectors, after, rig.History.Head, 2_000 + random.Next(100_000));
                found.AddRange(HistoryRig.Offsets(page.Records));
                after = page.To;
            }

            Assert.Equal(expected, found);
        }
    }

    private static EventPattern RandomPattern(Random random) =>
        random.Next(3) == 0 ? new PublicPattern(RandomMatcher(random)) : PrivatePattern.Of(RandomMatcher(random), RandomMatcher(random));

    private static TopicMatcher RandomMatcher(Random random)
    {
        var (divisor, rest) = (2 + random.Next(4), random.Next(2));
        return random.Next(6) switch
        {
            0 => TopicPattern.Everything,
            1 => new ExactTopic(Encoding.UTF8.GetBytes($"t/{random.Next(12)}")),
            2 => Selectors.Pattern(random.Next(2) == 0 ? "t/*" : "other/**"),
            _ => new CountingMatcher($"{divisor},{rest}", topic => topic.Sum(static letter => letter) % divisor == rest),
        };
    }

    private static void AppendPrivate(HistoryRig rig, int topics)
    {
        for (var i = 0; i < topics; i++)
        {
            rig.Append($"t/{i}", flags: EventFlags.Private);
        }
    }

    private static long[] Read(HistoryRig rig, IEnumerable<EventPattern> patterns) =>
        HistoryRig.Offsets(rig.History.Read(new SelectorSet([], patterns), 0, rig.History.Head, int.MaxValue).Records);
}
