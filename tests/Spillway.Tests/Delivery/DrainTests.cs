using System.Diagnostics;
using Spillway.Delivery;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>A loop that ends its connections slice by slice.</summary>
public sealed class DrainTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Drain_OverASecond_EndsAsManyAsTheTimePassedAsksFor()
    {
        using var rig = new LoopRig();
        var connections = Enumerable.Range(0, 100).Select(_ => rig.Subscribe("a")).ToList();
        rig.Settle();

        rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain, Argument: Second));
        var ended = new List<int>();
        for (var i = 0; i <= 4; i++)
        {
            rig.Settle();
            ended.Add(connections.Count(static connection => connection.Reason is not null));
            rig.Clock.Advance(Second / 4);
        }

        Assert.Equal([0, 25, 50, 75, 100], ended);
        Assert.All(connections, static connection => Assert.Equal((CloseReason.Shutdown, "drain shutdown"), (connection.Reason, connection.Signals()[^1])));
    }

    [Fact]
    public void Drain_ConnectionWhoseTurnHasNotCome_GetsItsEventsUntilThen()
    {
        using var rig = new LoopRig();
        var (first, last) = (rig.Subscribe("a"), rig.Subscribe("a"));
        rig.Settle();
        rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain, Argument: Second));
        rig.Settle();
        rig.Advance(Second / 2);
        last.Room = 5;
        rig.Publish("a", "1");
        rig.Settle();

        rig.Release(last); // What it is behind with does not end it.
        rig.Settle();
        rig.Publish("a", "2");
        rig.Settle();
        Assert.Equal((CloseReason.Shutdown, null), (first.Reason, last.Reason));
        rig.Advance(Second / 2);

        Assert.Equal(["drain shutdown"], first.Received());
        Assert.Equal(["1", "2", "drain shutdown"], last.Received());
    }

    [Fact]
    public void Drain_ManyAtOnce_IsDoneInSeveralTurns()
    {
        using var rig = new LoopRig();
        var connections = Enumerable.Range(0, 100).Select(_ => rig.Subscribe("a")).ToList();
        rig.Settle();
        connections[0].OnSend = static () =>
        {
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromMilliseconds(5);)
            {
                Thread.SpinWait(100); // A turn's time is over, however fast the machine is.
            }
        };

        rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain));
        var turns = 1;
        while (rig.Loop.Turn())
        {
            turns++;
        }

        Assert.True(turns > 1, "A turn took them all: events of others would have waited for that.");
        Assert.DoesNotContain(connections, static connection => connection.Reason != CloseReason.Shutdown);
    }

    [Fact]
    public void Run_SlicesToCome_SleepsNoLongerThanToTheNext()
    {
        using var waiter = new ScriptedWaiter();
        using var rig = new LoopRig(waiter: waiter);
        var connections = Enumerable.Range(0, 2).Select(_ => rig.Subscribe("a")).ToList();
        rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain, Argument: Second));
        var slept = new List<TimeSpan>();
        waiter.OnWait = wait =>
        {
            if (wait > 100 || connections.TrueForAll(static connection => connection.Reason is not null))
            {
                rig.Loop.Post(new LoopCommand(LoopCommandKind.Stop));
                return;
            }

            slept.Add(waiter.Longest);
            rig.Clock.Advance(waiter.Longest);
        };

        rig.Loop.Run();

        Assert.Equal(Enumerable.Repeat(DeliveryLoop.SliceEvery, 50), slept);
    }
}
