using System.Globalization;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;
using static Spillway.Tests.Hub.SmallHub;

namespace Spillway.Tests.Hub;

/// <summary>Rules change while events are published and delivered.</summary>
public class RuleChangeTests
{
    private static readonly string[][] Lists =
    [
        ["a/**", "b/*"], ["b/*", "c/**", "a/1"], [], ["a/*", "b/1", "c/1", "x/**"], ["c/*/**", "b/**"], ["*/1", "a/**"],
    ];

    [Fact]
    public async Task TryChangeRules_UnderPublishing_LosesNothingAndNeverMixesRulesUp()
    {
        await using var hub = new HubHarness(Small());
        var (_, connection) = await hub.ConnectAsync(Request("**"));
        using var stop = new CancellationTokenSource();
        var changing = Task.Run(() => ChangeUntil(hub, stop.Token), TestContext.Current.CancellationToken);

        var events = 0;
        while (events < 2_000 || hub.Rules.Current.Version < 200)
        {
            var topic = $"{"abc"[events % 3]}/{events % 2}";
            hub.Publish(topic, events.ToString(CultureInfo.InvariantCulture));
            events++;

            // Nobody else appends. The rules may be newer than the slot: they still know its index.
            var rule = hub.Rules.Current[hub.Hub.Window.Header(hub.Hub.Window.Head).Rule];
            Assert.True(TopicPattern.TryParse(rule.Pattern, out var pattern, out _) && pattern!.Matches(System.Text.Encoding.UTF8.GetBytes(topic)), $"{rule.Pattern} is no rule of {topic}.");
        }

        await stop.CancelAsync();
        await changing;
        await hub.UntilAsync(() => connection.Received().Length >= events, "all events to be delivered");
        Assert.Equal(Enumerable.Range(0, events).Select(static i => i.ToString(CultureInfo.InvariantCulture)), connection.Received());
    }

    [Fact]
    public void TryChangeRules_SlotsOfRemovedRulesAreInTheWindow_TheirIndicesAreNotGivenAway()
    {
        using var rig = new LoopRig(WithRules(Numbered("f", 254)));
        rig.Publish("f/7", "1");

        var early = rig.Dispatcher.TryChangeRules(Numbered("g", 254), out var fault);
        var stillTheOld = rig.Dispatcher.TryChangeRules(Numbered("f", 253), out _); // One less: f/253's is free.
        var oneLess = rig.Dispatcher.TryChangeRules([.. Numbered("g", 253)], out _);
        rig.Flood();
        var later = rig.Dispatcher.TryChangeRules(Numbered("g", 254), out _);

        Assert.False(early);
        Assert.Contains("more than 255", fault, StringComparison.Ordinal);
        Assert.True(stillTheOld && oneLess && later);
    }

    [Fact]
    public void TryChangeRules_LoopStillReads_IndicesWaitForTheEndOfItsTurn()
    {
        using var rig = new LoopRig(WithRules(Numbered("f", 254)));
        var connection = rig.Subscribe("f/7");
        rig.Loop.Turn();
        rig.Publish("f/7", "1");
        var during = true;
        connection.OnSend = () =>
        {
            connection.OnSend = null;
            rig.Publish("b", [.. Enumerable.Repeat("x", LoopRig.WindowEvents - 2)]); // The slot leaves the window, but not the turn that reads it.
            Assert.True(rig.Window.Tail > 1);
            during = rig.Dispatcher.TryChangeRules(Numbered("g", 254), out _);
        };

        rig.Loop.Turn();
        var after = rig.Dispatcher.TryChangeRules(Numbered("g", 254), out _);

        Assert.False(during);
        Assert.True(after);
    }

    [Fact]
    public void FindRule_RulesHaveChanged_IsLookedUpWithTheNextEvent()
    {
        using var strands = new StrandTable(new LimitOptions { Topics = 10 }, loops: 1);
        var book = new RuleBook(Numbered("a", 3));
        var strand = strands.FindOrAdd("a/1"u8, pattern: false, out _);
        var before = strands.FindRule(strand, book.Current);
        strands.Head(strand).Slot = 5;

        Change(book, [new TopicRule { Pattern = "new" }, new TopicRule { Pattern = "a/*" }]);
        var asALoopSeesIt = strands.RuleOf(strand, book.Current);
        var after = strands.FindRule(strand, book.Current);

        Assert.Null(asALoopSeesIt); // Its events came under another rule.
        Assert.NotEqual(before, after);
        Assert.Equal("a/*", strands.RuleOf(strand, book.Current)!.Pattern);
        Assert.Equal(5, strands[strand].LastKept); // Of what came before nothing may be given up for good.
    }

    [Fact]
    public void RuleOf_RuleIsStillItsTopics_HasTheNewParametersWithoutAnEvent()
    {
        using var strands = new StrandTable(new LimitOptions { Topics = 10 }, loops: 1);
        var book = new RuleBook([new TopicRule { Pattern = "a", BacklogEvents = 5 }]);
        var strand = strands.FindOrAdd("a"u8, pattern: false, out _);
        strands.FindRule(strand, book.Current);

        Change(book, [new TopicRule { Pattern = "b" }, new TopicRule { Pattern = "a", BacklogEvents = 6 }]);

        Assert.Equal(6, strands.RuleOf(strand, book.Current)!.BacklogEvents);
    }

    [Fact]
    public void TryChangeRules_SoOftenThatStampsComeAgain_LooksEveryRuleUp()
    {
        using var rig = new LoopRig(WithRules([new TopicRule { Pattern = "a" }]));
        rig.Publish("a", "1");
        var before = rig.Window.Header(rig.Window.Head).Rule;
        for (var i = 0; i < ushort.MaxValue; i++)
        {
            Assert.True(rig.Dispatcher.TryChangeRules([], out _));
        }

        rig.Publish("a", "2");

        Assert.NotEqual(before, rig.Window.Header(rig.Window.Head).Rule);
    }

    [Fact]
    public void TryChangeRules_EventsBecomeEphemeralDuringReplay_TheirLossIsTold()
    {
        using var rig = new LoopRig();
        rig.Publish("a", "1");
        rig.Flood();
        var connection = rig.Subscribe(Selectors.Of("a", "e"), after: 0);
        connection.Stalled = true;
        rig.Settle(); // It has been offered its first page, and took nothing.
        Assert.True(rig.Dispatcher.TryChangeRules([new TopicRule { Pattern = "e", History = false }], out _));
        rig.Publish("e", "lost");
        rig.Flood();

        rig.Release(connection);
        rig.Settle();
        rig.Publish("a", "2");
        rig.Settle();

        var received = connection.Received();
        Assert.Equal(["1", "2"], received.Where(static line => !line.StartsWith("gap", StringComparison.Ordinal) && line != "slow"));
        Assert.Single(received, static line => line.StartsWith("gap overflow", StringComparison.Ordinal));
    }

    private static void ChangeUntil(HubHarness hub, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var rules = Lists[i % Lists.Length].Select(pattern => new TopicRule { Pattern = pattern, BacklogEvents = 1 + (i % 9) });
            Assert.True(hub.Hub.Dispatcher.TryChangeRules(rules, out var fault), fault);
        }
    }

    private static void Change(RuleBook book, IEnumerable<TopicRule> rules) => Assert.True(book.TryChange(rules, 0, static _ => false, out _));

    private static TopicRule[] Numbered(string name, int count) => [.. Enumerable.Range(0, count).Select(i => new TopicRule { Pattern = $"{name}/{i}" })];

    private static SpillwayOptions WithRules(TopicRule[] rules)
    {
        var options = new SpillwayOptions { Delivery = { WindowEvents = LoopRig.WindowEvents, WindowBytes = 64 * 1024 } };
        Array.ForEach(rules, options.Rules.Add);
        return options;
    }
}
