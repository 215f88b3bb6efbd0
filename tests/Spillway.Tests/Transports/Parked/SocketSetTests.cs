using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

/// <summary>What both kinds of sets do alike. <see cref="EdgeTests"/> has sockets move from one to another.</summary>
public sealed class SocketSetTests
{
    private const int Patience = 30_000; // Milliseconds of real time: only a test that fails waits so long.

    [Theory]
    [SocketKinds]
    public void Wait_NothingIsReady_ReturnsWhenTheTimeIsOver(SocketKind sockets)
    {
        using var set = sockets.Create().CreateSet(8);

        Assert.Equal(0, set.Wait(new ReadyEvent[8], 1));
    }

    [Theory]
    [SocketKinds]
    public void Wait_ByEdges_TellsNewsOnce(SocketKind sockets)
    {
        var (calls, ready) = (sockets.Create(), new ReadyEvent[8]);
        using var set = calls.CreateSet(8);
        using var pair = new CallsPair(calls);
        set.Add(pair.Number, 1, SocketEvents.Socket);
        var before = set.Wait(ready, 1); // A set of Linux tells that there is room to write.
        pair.Peer.Send("x"u8);

        Assert.Equal((1, 0), (set.Wait(ready, Patience), set.Wait(ready, 0)));
        Assert.Equal(sockets == SocketKind.Native ? 1 : 0, before);
        calls.Close(pair.Number);
    }

    [Theory]
    [SocketKinds]
    public void Wake_BeforeTheWait_EndsItOnce(SocketKind sockets)
    {
        var ready = new ReadyEvent[8];
        using var set = sockets.Create().CreateSet(8);
        set.Wake();
        set.Wake();

        Assert.Equal((0, 0), (set.Wait(ready, -1), set.Wait(ready, 1)));
    }

    [Theory]
    [SocketKinds]
    public async Task Wake_FromOthers_NoneIsLost(SocketKind sockets)
    {
        const int Rounds = 20_000;
        var (asked, done) = (0, 0);
        using var set = sockets.Create().CreateSet(4);
        var waiter = Task.Run(
            () =>
            {
                var ready = new ReadyEvent[4];
                while (done < Rounds)
                {
                    set.Wait(ready, -1);
                    Volatile.Write(ref done, Volatile.Read(ref asked));
                }
            },
            TestContext.Current.CancellationToken);

        for (var i = 1; i <= Rounds; i++)
        {
            Volatile.Write(ref asked, i);
            set.Wake();
            if (i % 16 == 0) // Let it fall asleep: a lost wake-up would leave it there.
            {
                Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref done) == i, Patience), $"The wake-up of round {i} was lost.");
            }
        }

        await waiter.WaitAsync(TimeSpan.FromMilliseconds(Patience), TestContext.Current.CancellationToken);
    }
}
