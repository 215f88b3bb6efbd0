using System.Globalization;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>Where a changed set goes on: its strands are not complete before its newest pattern, and history has no ephemeral events.</summary>
public sealed class SetChangePlaceTests
{
    [Fact]
    public void Change_AnswerIsCut_ReadsFromHistoryWhatANewPatternsStrandDoesNotHave()
    {
        using var rig = new LoopRig(Options());
        var whole = rig.Subscribe("a");
        var connection = Cut(rig, "a");
        rig.Publish("c/1", "before the pattern");

        var changing = rig.ChangeAsync(connection, Selectors.Of("c/*"));
        rig.Release(connection, whole.Bytes.Length); // The rest of the event, and ten bytes of the answer.
        Settle(rig);
        rig.Release(connection);
        Settle(rig);

        Assert.True(changing.IsCompleted);
        Assert.Equal(["first", "changed 1", "before the pattern"], Read(connection));
        Assert.Equal(0, rig.Loop.ExtraStates);
    }

    [Fact]
    public void Change_APageEndsBeforeANewPatternsStrandBegins_StaysInReplay()
    {
        using var rig = new LoopRig(Options());
        var connection = Cut(rig, "a");
        var large = Enumerable.Range(0, 10).Select(static i => string.Create(CultureInfo.InvariantCulture, $"{i}{new string('x', 14_000)}")).ToArray();
        rig.Publish("c/1", large);

        var changing = rig.ChangeAsync(connection, Selectors.Of("c/*"));
        rig.Release(connection);
        Settle(rig);

        Assert.True(changing.IsCompleted);
        Assert.Equal(["first", "changed 1", .. large], Read(connection));
    }

    [Fact]
    public void Change_EphemeralEventBeforeANewPattern_IsToldAsMissed()
    {
        using var rig = new LoopRig(Options());
        var connection = Cut(rig, "e");
        rig.Publish("e", "of both sets");
        rig.Publish("f", "of the new one");
        rig.Publish("a", "recorded");

        var changing = rig.ChangeAsync(connection, Selectors.Of("**"));
        rig.Release(connection);
        Settle(rig);

        Assert.True(changing.IsCompleted);
        Assert.Equal(["first", "changed 0", "recorded", "overflow 2"], Read(connection));
        Assert.Equal(2, rig.Loop.Counters.GivenUp[(int)OverflowPolicy.DropOldest]);
    }

    [Fact]
    public void Change_InReplay_TellsFirstWhatTheOldSetMissed()
    {
        using var rig = new LoopRig(Options());
        var connection = Cut(rig, "a", "e");
        rig.Publish("e", "missed");
        var large = Enumerable.Range(0, 100).Select(static i => string.Create(CultureInfo.InvariantCulture, $"{i}{new string('x', 2_000)}")).ToArray();
        rig.Publish("a", large);
        rig.Release(connection, 30_000);
        Settle(rig); // In the middle of its first page.

        var changing = rig.ChangeAsync(connection, Selectors.Of("a"));
        rig.Release(connection);
        Settle(rig);

        Assert.True(changing.IsCompleted);
        var read = Read(connection);
        var changed = read.FindIndex(static text => text.StartsWith("changed", StringComparison.Ordinal));
        Assert.Equal("overflow ", read[changed - 1]);
        Assert.Equal(["first", .. large], read.Where(static text => !text.StartsWith("changed", StringComparison.Ordinal) && !text.StartsWith("overflow", StringComparison.Ordinal)));
    }

    [Fact]
    public void Change_ItsSlotHasLeftTheWindow_ReadsFromHistoryWhatANewStrandDoesNotHave()
    {
        using var rig = new LoopRig(Options());
        var connection = Cut(rig, "e"); // Its rest is copied: the connection stays in the window.
        rig.Publish("b", "forgotten by the window");
        rig.Flood("z");

        var changing = rig.ChangeAsync(connection, Selectors.Of("b"));
        rig.Release(connection);
        Settle(rig);

        Assert.True(changing.IsCompleted);
        Assert.Equal(["first", "changed 0", "forgotten by the window"], Read(connection).Where(static text => !text.StartsWith("overflow", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ChangeAsync_TheConnectionGoesMeanwhileOrIsGone_GivesTheStrandsBack()
    {
        using var rig = new LoopRig(Options());
        var connection = Cut(rig, "a");

        var meanwhile = rig.ChangeAsync(connection, Selectors.Of("x"));
        rig.Turn();
        Assert.False(meanwhile.IsCompleted);
        connection.Drop();
        rig.Turn();
        var after = rig.ChangeAsync(connection, Selectors.Of("y"));
        rig.Turn();

        Assert.True(meanwhile.IsCompleted && after.IsCompleted);
        Assert.Equal((AskOutcome.Gone, AskOutcome.Gone), (await meanwhile, await after));
        Assert.Equal(1, rig.StrandCount); // That of the event in the window.
    }

    [Fact]
    public void Change_StandsBeforeAnEventThatItsRuleLetsWait_BeginsBehindWhatItPassed()
    {
        var options = Options();
        options.Rules.Add(new TopicRule { Pattern = "n", Overflow = OverflowPolicy.DropNewest, BacklogEvents = 2 });
        using var rig = new LoopRig(options);
        var whole = rig.Subscribe(Selectors.Of("n"), signals: false);
        var connection = rig.Subscribe(Selectors.Of("n"), signals: false);
        Settle(rig);
        connection.Room = 1;
        rig.Publish("n", "1");
        Settle(rig);
        var length = whole.Bytes.Length;
        rig.Publish("n", "2", "3");
        rig.Publish("b", "passed");
        rig.Publish("n", "5", "6", "7", "8");
        rig.Release(connection, room: (3 * length) - 1); // Exactly what is kept for it: it has passed b, and nothing has told it so.
        Settle(rig);

        var changing = rig.ChangeAsync(connection, Selectors.Of("b"));
        rig.Release(connection);
        Settle(rig);

        Assert.True(changing.IsCompleted);
        Assert.Equal(["1", "2", "3", "changed 4"], Read(connection));
    }

    [Fact]
    public void Change_ItsSlotIsTheLastThatLeftTheWindow_BeginsBehindWhatItHasSeen()
    {
        using var rig = new LoopRig(Options());
        var connection = rig.Subscribe(Selectors.Of("a"), signals: false); // No keep-alive tells it how far it is.
        Settle(rig);
        rig.Publish("a", "first");
        Settle(rig);
        rig.Publish("b", "seen");
        var before = connection.Bytes.Length;
        connection.Room = 1;
        rig.Advance(rig.Options.Sse.KeepAlive + TimeSpan.FromSeconds(1));
        Assert.Equal(before + 1, connection.Bytes.Length); // Of a keep-alive, before which it was visited.
        while (rig.Window.Tail < 3)
        {
            rig.Publish("z", "");
        }

        Assert.Equal(3, rig.Window.Tail);
        var changing = rig.ChangeAsync(connection, Selectors.Of("b"));
        rig.Release(connection);
        Settle(rig);

        Assert.True(changing.IsCompleted);
        Assert.Equal(["first", "changed 2"], Read(connection));
    }

    [Theory]
    [InlineData("b", EventPriority.Normal)]
    [InlineData("b", EventPriority.Critical)]
    [InlineData("w", EventPriority.Normal)] // Its rule lets events wait.
    public void Change_AMarkOfANewStrandWasLost_HearsOfTheNextEvent(string topic, EventPriority priority)
    {
        var options = Options();
        options.Rules.Add(new TopicRule { Pattern = "w", Batch = TimeSpan.FromMilliseconds(100) });
        using var rig = new LoopRig(options);
        var connection = rig.Subscribe("a");
        var others = rig.Dispatcher.Resolve(Selectors.Of("a"), 0)!.Strands[0];
        _ = rig.Dispatcher.Resolve(Selectors.Of(topic), 0); // From now on the loop is told, and has nobody yet.
        Settle(rig);
        for (var i = 0; i < 65_536; i++)
        {
            rig.Loop.Mark(others, Lane.Normal);
        }

        rig.Publish(Event("lost")); // The ring is full.
        Settle(rig);

        var changing = rig.ChangeAsync(connection, Selectors.Of(topic));
        Settle(rig);
        rig.Publish(Event("next"));
        rig.Advance(TimeSpan.FromMilliseconds(50), times: 10);

        Assert.True(changing.IsCompleted);
        Assert.Equal(["changed 1", "next"], Read(connection));

        PushEvent Event(string payload) => new() { Topic = topic, Priority = priority, Payload = System.Text.Encoding.UTF8.GetBytes(payload) };
    }

    [Fact]
    public void Change_Done_GivesTheOldStrandsBack()
    {
        using var rig = new LoopRig(Options());
        var connection = rig.Subscribe("a", "b", "c/*");
        Settle(rig);
        Assert.Equal(3, rig.StrandCount);

        var changing = rig.ChangeAsync(connection, Selectors.Of("b", "d"));
        Settle(rig);

        Assert.True(changing.IsCompleted);
        Assert.Equal(2, rig.StrandCount);
    }

    private static SpillwayOptions Options()
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = 64;
        options.Delivery.WindowBytes = 1024 * 1024;
        options.Delivery.ReplayReaders = 0; // LoopRig.Turn makes the pages.
        foreach (var topic in new[] { "e", "f" })
        {
            options.Rules.Add(new TopicRule { Pattern = topic, History = false, Overflow = OverflowPolicy.DropOldest });
        }

        return options;
    }

    /// <summary>A connection that has ten bytes of its first event, which is of its first topic.</summary>
    private static TestConnection Cut(LoopRig rig, params string[] topics)
    {
        var connection = rig.Subscribe(topics);
        Settle(rig);
        connection.Room = 10;
        rig.Publish(topics[0], "first");
        Settle(rig);
        Assert.Equal(10, connection.Bytes.Length);
        return connection;
    }

    private static void Settle(LoopRig rig)
    {
        for (var turns = 0; rig.Turn(); turns++)
        {
            Assert.True(turns < 1_000, "The loop does not come to an end.");
        }
    }

    /// <summary>Payloads; of a change the offset that was told, of a gap its reason and count.</summary>
    private static List<string> Read(TestConnection connection)
    {
        var found = new List<string>();
        foreach (var item in SseReader.Parse(connection.Bytes).Where(static item => item.Type != "spillway-slow"))
        {
            if (item.Type == "spillway-gap")
            {
                var gap = Model.ToldGap.Read(item.Data);
                found.Add($"{gap.Reason} {gap.Count}");
            }
            else
            {
                Assert.True(Position.TryParse(item.Data.Split(' ')[^1], out var position) == (item.Type == "changed"));
                found.Add(item.Type == "changed" ? string.Create(CultureInfo.InvariantCulture, $"changed {position.Offset}") : item.Data);
            }
        }

        return found;
    }
}
