using System.Text;
using Spillway.History;
using Spillway.TestKit;

namespace Spillway.Tests.History;

public sealed class EndedTopicsTests
{
    [Fact]
    public void Add_BeyondTheLimit_ForgetsTheOldestAndCountsThem()
    {
        var forgotten = 0L;
        var ended = new EndedTopics(limit: 16, forgotten: count => forgotten += count);
        for (var i = 1; i <= 18; i++)
        {
            ended.Add(Name(i), i);
        }

        Assert.Equal((18, 0L), (ended.Count, forgotten)); // An eighth more is let be.
        ended.Add(Name(19), 19);

        Assert.Equal((16, 3L), (ended.Count, forgotten));
        Assert.Equal([false, true], [ended.Contains(Name(3)), ended.Contains(Name(4))]);
    }

    [Fact]
    public void Add_EndedAgain_IsOneEntryWithItsNewestEnd()
    {
        var ended = new EndedTopics(limit: 1);
        ended.Add(Name(1), 1);
        ended.Add(Name(1), 2);
        ended.Remove(Name(1), 1);

        ended.Forget(1);
        ended.Sweep();

        Assert.Equal((1, true), (ended.Count, ended.Contains(Name(1))));
        ended.Remove(Name(1), 2);
        Assert.Equal((0, false), (ended.Count, ended.Contains(Name(1))));
    }

    [Fact]
    public void History_MoreEndedTopicsThanTheLimit_MayBePublishedToAgain()
    {
        using var metrics = new MetricCollector();
        using var rig = new HistoryRig(HistoryRig.Unlimited with { EndedTopics = 8 }, metrics: metrics);
        for (var i = 0; i < 100; i++)
        {
            rig.Append($"t/{i}", flags: Spillway.Events.EventFlags.Final);
        }

        Assert.InRange(metrics.Sum("spillway.history.ended_topics"), 8, 9);
        Assert.Equal(100, metrics.Sum("spillway.history.ended_topics") + metrics.Sum("spillway.history.forgotten_ends"));
        Assert.Equal([false, true], [rig.History.IsEnded("t/0"u8), rig.History.IsEnded("t/99"u8)]);
    }

    private static byte[] Name(int i) => Encoding.UTF8.GetBytes($"t/{i}");
}
