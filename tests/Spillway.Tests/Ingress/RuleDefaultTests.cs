using Spillway.Backplane;
using Spillway.Events;
using Spillway.Ingress;

namespace Spillway.Tests.Ingress;

/// <summary>What an event does not name is the rule's of its topic at the time.</summary>
public class RuleDefaultTests
{
    private readonly RuleBook _rules = new([new TopicRule { Pattern = "prices/*", Ttl = TimeSpan.FromSeconds(5), Priority = EventPriority.Low }]);

    [Fact]
    public void TryAdd_EventNamesNeither_HasTheRulesTtlAndPriority()
    {
        var record = Write(new PushEvent { Topic = "prices/x" });

        Assert.Equal((5_000, EventPriority.Low), (record.TtlMilliseconds, record.Priority));
    }

    [Fact]
    public void TryAdd_EventNamesBoth_KeepsItsOwn()
    {
        var record = Write(new PushEvent { Topic = "prices/x", Ttl = TimeSpan.FromSeconds(1), Priority = EventPriority.Normal });

        Assert.Equal((1_000, EventPriority.Normal), (record.TtlMilliseconds, record.Priority));
    }

    [Fact]
    public void TryAdd_RuleNamesNeither_HasNoTtlAndIsNormal()
    {
        var record = Write(new PushEvent { Topic = "other" });

        Assert.Equal((0, EventPriority.Normal), (record.TtlMilliseconds, record.Priority));
    }

    [Fact]
    public void TryAdd_RuleHasChanged_IsForEventsFromThenOn()
    {
        var before = Write(new PushEvent { Topic = "prices/x" });
        Change(new TopicRule { Pattern = "prices/*", Ttl = TimeSpan.FromSeconds(9), Priority = EventPriority.Critical });

        var after = Write(new PushEvent { Topic = "prices/x" });

        Assert.Equal((5_000, EventPriority.Low), (before.TtlMilliseconds, before.Priority));
        Assert.Equal((9_000, EventPriority.Critical), (after.TtlMilliseconds, after.Priority));
    }

    [Fact]
    public void RecordId_RuleChangedBeforeARepeat_IsTheSameEvent()
    {
        var source = new PushEvent { Topic = "prices/x", Id = "1" };
        var first = RecordId.Of([], Write(source));
        Change(new TopicRule { Pattern = "prices/*", History = false });

        var repeat = RecordId.Of([], Write(source));

        Assert.Equal(first, repeat);
    }

    [Fact]
    public void RecordId_PublisherNamesWhatTheRuleSays_IsAnotherEvent()
    {
        var byRule = RecordId.Of([], Write(new PushEvent { Topic = "prices/x", Id = "1" }));

        var named = RecordId.Of([], Write(new PushEvent { Topic = "prices/x", Id = "1", Ttl = TimeSpan.FromSeconds(5), Priority = EventPriority.Low }));

        Assert.Equal(byRule.Key, named.Key);
        Assert.NotEqual(byRule.Content, named.Content);
    }

    private EventRecord Write(PushEvent source)
    {
        var writer = new EventBatchWriter(new LimitOptions(), _rules, EventFieldNames.Json, Publisher.Anyone);
        Assert.True(writer.TryAdd(source, out _));
        return new EventRecord(writer.ToBatch(CommitLevel.Synced).Records.WrittenSpan);
    }

    private void Change(TopicRule rule) => Assert.True(_rules.TryChange([rule], 0, static _ => false, out _));
}
