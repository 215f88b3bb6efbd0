using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>Subscribers name an event that they have processed: the loop finds how old it is, and believes nothing else.</summary>
public sealed class ReceiptTests
{
    [Fact]
    public async Task Find_EventThatWasSent_IsAsOldAsTheHubsClockSays()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Publish("a", "1");
        rig.Settle();
        rig.Clock.Advance(TimeSpan.FromMilliseconds(1_500));
        rig.Publish("a", "2");
        rig.Settle();
        rig.Clock.Advance(TimeSpan.FromMilliseconds(500));

        Assert.Equal(new Receipt(ReceiptOutcome.Found, TimeSpan.FromSeconds(2)), await FindAsync(rig, connection, 1));
        Assert.Equal(new Receipt(ReceiptOutcome.Found, TimeSpan.FromMilliseconds(500)), await FindAsync(rig, connection, 2));
    }

    [Fact]
    public async Task Find_EventThatCannotHaveBeenSent_MeasuresNothing()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a", "c/*");
        rig.Publish("b", "not for it");
        rig.Publish("a", "1");
        rig.Settle();
        connection.Stalled = true;
        rig.Publish("a", "2");
        rig.Settle();

        Assert.Equal(ReceiptOutcome.NotSent, (await FindAsync(rig, connection, 1)).Outcome); // Another topic's.
        Assert.Equal(ReceiptOutcome.Found, (await FindAsync(rig, connection, 2)).Outcome);
        Assert.Equal(ReceiptOutcome.NotSent, (await FindAsync(rig, connection, 3)).Outcome); // On its way.
        Assert.Equal(ReceiptOutcome.NotSent, (await FindAsync(rig, connection, 4)).Outcome); // Not published.
        Assert.Equal(ReceiptOutcome.NotSent, (await FindAsync(rig, connection, long.MaxValue)).Outcome);
        Assert.Equal(ReceiptOutcome.NotSent, (await FindAsync(rig, connection, 2, epoch: rig.History.Epoch + 1)).Outcome);
        Assert.Equal(ReceiptOutcome.NotSent, (await FindAsync(rig, connection, 2, ephemeral: 1)).Outcome);
        Assert.Equal(ReceiptOutcome.LeftWindow, (await FindAsync(rig, connection, 0)).Outcome); // Before all.
    }

    [Fact]
    public async Task Find_EventThatLeftTheWindow_IsNotLookedFor()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Publish("a", "1");
        rig.Settle();
        rig.Flood();
        rig.Settle();

        Assert.Equal(new Receipt(ReceiptOutcome.LeftWindow), await FindAsync(rig, connection, 1));
    }

    [Fact]
    public async Task Find_EphemeralEvents_AreFoundByTheirNumber()
    {
        var options = new SpillwayOptions { Rules = { new TopicRule { Pattern = "e/**", History = false } } };
        options.Delivery.WindowEvents = LoopRig.WindowEvents;
        options.Delivery.WindowBytes = 64 * 1024;
        using var rig = new LoopRig(options);
        var connection = rig.Subscribe("a", "e/1");
        rig.Settle();
        rig.Publish("a", "recorded");
        foreach (var topic in (string[])["e/1", "e/2", "e/1"])
        {
            rig.Publish(topic, "x");
            rig.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        rig.Settle();
        Assert.Equal(TimeSpan.FromSeconds(3), (await FindAsync(rig, connection, 1)).Age);
        Assert.Equal(TimeSpan.FromSeconds(3), (await FindAsync(rig, connection, 1, ephemeral: 1)).Age);
        Assert.Equal(ReceiptOutcome.NotSent, (await FindAsync(rig, connection, 1, ephemeral: 2)).Outcome);
        Assert.Equal(TimeSpan.FromSeconds(1), (await FindAsync(rig, connection, 1, ephemeral: 3)).Age);
        Assert.Equal(ReceiptOutcome.NotSent, (await FindAsync(rig, connection, 1, ephemeral: 4)).Outcome);
        Assert.Equal(ReceiptOutcome.NotSent, (await FindAsync(rig, connection, 1, ephemeral: uint.MaxValue)).Outcome);

        for (var i = 0; i < LoopRig.WindowEvents; i++)
        {
            rig.Publish("e/1", "x");
        }

        rig.Settle();
        Assert.Equal(ReceiptOutcome.LeftWindow, (await FindAsync(rig, connection, 1)).Outcome);
        Assert.Equal(ReceiptOutcome.LeftWindow, (await FindAsync(rig, connection, 1, ephemeral: 1)).Outcome);
        Assert.Equal(ReceiptOutcome.Found, (await FindAsync(rig, connection, 1, ephemeral: 3 + LoopRig.WindowEvents)).Outcome);
    }

    [Fact]
    public async Task Find_EphemeralEventOnItsWay_IsNotSent()
    {
        var options = new SpillwayOptions { Rules = { new TopicRule { Pattern = "e/**", History = false } } };
        using var rig = new LoopRig(options);
        var connection = rig.Subscribe("e/1");
        rig.Publish("e/1", "1");
        rig.Settle();
        connection.Stalled = true;
        rig.Publish("e/1", "2");
        rig.Settle();

        Assert.Equal(ReceiptOutcome.Found, (await FindAsync(rig, connection, 0, ephemeral: 1)).Outcome);
        Assert.Equal(ReceiptOutcome.NotSent, (await FindAsync(rig, connection, 0, ephemeral: 2)).Outcome);
    }

    [Fact]
    public async Task Find_ConnectionOrLoopIsGone_MeasuresNothing()
    {
        using var rig = new LoopRig();
        var (first, staying) = (rig.Subscribe("a"), rig.Subscribe("a"));
        rig.Publish("a", "1");
        rig.Settle();
        first.Drop();
        rig.Settle();
        Assert.Equal(ReceiptOutcome.NotSent, (await FindAsync(rig, first, 1)).Outcome);
        Assert.Equal(ReceiptOutcome.Found, (await FindAsync(rig, staying, 1)).Outcome);

        rig.Loop.Post(new LoopCommand(LoopCommandKind.Stop));
        rig.Loop.Turn();
        Assert.Equal(ReceiptOutcome.NotSent, (await FindAsync(rig, staying, 1)).Outcome);
    }

    private static async Task<Receipt> FindAsync(LoopRig rig, TestConnection connection, long offset, uint ephemeral = 0, ulong? epoch = null)
    {
        var asked = connection.Owner!.AskAsync(new ReceiptAsk(connection.Owner!, new Position(epoch ?? rig.History.Epoch, offset), ephemeral));
        rig.Loop.Turn();
        Assert.True(asked.IsCompleted, "A receipt waits for nothing.");
        return await asked;
    }
}
