using Spillway.Delivery;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>On what terms connections stay: the time of a lease, its renewal, and its being taken back.</summary>
public sealed class LeaseTests
{
    [Fact]
    public void Lease_ItsTimeComes_TheStreamIsToldOnceAndEndsThen()
    {
        using var rig = new LoopRig();
        var (leased, free) = (Hold(rig, rig.In(10)), rig.Subscribe("a"));
        rig.Settle();

        rig.Advance(TimeSpan.FromMinutes(7.9));
        Assert.DoesNotContain(leased.Signals(), static signal => signal.Contains("auth-expiring", StringComparison.Ordinal));
        rig.Advance(TimeSpan.FromMinutes(0.2));
        rig.Advance(TimeSpan.FromMinutes(1.8));
        Assert.Null(leased.Reason);
        rig.Publish("a", "1");
        rig.Advance(TimeSpan.FromMinutes(0.2));

        Assert.Single(leased.Signals(), static signal => signal.Contains("auth-expiring", StringComparison.Ordinal));
        Assert.Equal((CloseReason.Expired, "drain expired"), (leased.Reason, leased.Signals()[^1]));
        Assert.Contains("1", leased.Received());
        Assert.Null(free.Reason);
        Assert.Equal(1, rig.Loop.Counters.Closed[(int)CloseReason.Expired]);
    }

    [Fact]
    public void Lease_ShorterThanTheWarning_IsToldAtOnce()
    {
        using var rig = new LoopRig();
        var connection = Hold(rig, rig.In(1));
        rig.Settle();
        rig.Advance(TimeSpan.FromSeconds(1));

        var text = System.Text.Encoding.UTF8.GetString(connection.Bytes);
        Assert.Matches("event: spillway-auth-expiring\ndata: {\"expires\":\"[0-9TZ:.-]*\",\"expiresIn\":5[89]}\n\n", text);
    }

    [Fact]
    public void Lease_SubscriberWithoutSignals_EndsUntold()
    {
        using var rig = new LoopRig();
        var connection = Hold(rig, rig.In(3), signals: false);
        rig.Advance(TimeSpan.FromMinutes(2.9));
        Assert.Null(connection.Reason);
        rig.Advance(TimeSpan.FromMinutes(0.2));

        Assert.Equal(CloseReason.Expired, connection.Reason);
        Assert.Empty(connection.Signals());
    }

    [Fact]
    public void Lease_ClockIsSetForward_EndsWithinAMinute()
    {
        using var rig = new LoopRig();
        var connection = Hold(rig, rig.In(60));
        rig.Settle();

        rig.Clock.SetUtcNow(rig.Clock.GetUtcNow().AddHours(2));
        rig.Advance(TimeSpan.FromMinutes(1.1));

        Assert.Equal(CloseReason.Expired, connection.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Lease_EndsWhileItsConnectionTakesNothing_IsCutAndGetsNothingMore(bool isRevoked)
    {
        using var rig = new LoopRig();
        var lease = rig.In(10);
        var connection = Hold(rig, lease);
        rig.Settle();
        connection.Room = 4;
        rig.Publish("a", "1");
        rig.Settle();
        var before = connection.Bytes.Length;

        if (isRevoked)
        {
            lease.Revoked = true;
            rig.Loop.Post(new LoopCommand(LoopCommandKind.Review));
            rig.Settle();
        }
        else
        {
            rig.Options.Sse.WriteStall = TimeSpan.FromHours(1);
            rig.Advance(TimeSpan.FromMinutes(10.1));
        }

        Assert.Equal((CloseReason.CutOff, before), (connection.Reason, connection.Bytes.Length));
    }

    [Fact]
    public void Review_SomeWereTakenBack_EndsThoseAlone()
    {
        using var rig = new LoopRig();
        var leases = Enumerable.Range(0, 200).Select(_ => rig.In(60)).ToList();
        var connections = leases.ConvertAll(lease => Hold(rig, lease));
        var free = rig.Subscribe("a");
        rig.Settle();

        foreach (var lease in leases.Where(static (_, i) => i % 3 == 0))
        {
            lease.Revoked = true;
        }

        rig.Loop.Post(new LoopCommand(LoopCommandKind.Review));
        rig.Loop.Post(new LoopCommand(LoopCommandKind.Review));
        rig.Settle();
        rig.Publish("a", "1");
        rig.Settle();

        Assert.All(connections.Where(static (_, i) => i % 3 == 0), static connection => Assert.Equal((CloseReason.Revoked, "drain revoked"), (connection.Reason, connection.Received()[^1])));
        Assert.All(connections.Where(static (_, i) => i % 3 != 0).Append(free), static connection => Assert.Equal((null, "1"), (connection.Reason, connection.Received()[^1])));
        Assert.False(rig.Loop.HasWork);
    }

    [Fact]
    public void Adopt_TakenBackBeforeItsLoopHasIt_EndsWithoutAnEvent()
    {
        using var rig = new LoopRig();
        rig.Publish("a", "1");
        var lease = rig.In(60);
        var connection = rig.Adopt(Selectors.Of("a"), rig.Dispatcher.Resolve(Selectors.Of("a"), 0)!, after: 0, lease: lease);
        lease.Revoked = true;
        rig.Settle();

        Assert.Equal((CloseReason.Revoked, 1), (connection.Reason, connection.Received().Length));
    }

    [Fact]
    public async Task Renew_LeaseOfTheConnection_StaysUntilTheNewOnesTime()
    {
        using var rig = new LoopRig();
        var (first, second) = (rig.In(10), rig.In(30));
        var connection = Hold(rig, first);
        rig.Settle();
        rig.Advance(TimeSpan.FromMinutes(9));
        var renewed = connection.Owner!.AskAsync(new ConnectionAsk(connection.Owner) { OldLease = first, NewLease = second });
        rig.Advance(TimeSpan.FromMinutes(15));

        Assert.Equal(AskOutcome.Done, await renewed.Outcome());
        Assert.Single(connection.Signals(), static signal => signal.Contains("auth-expiring", StringComparison.Ordinal));
        rig.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(2, connection.Signals().Count(static signal => signal.Contains("auth-expiring", StringComparison.Ordinal)));
        rig.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(CloseReason.Expired, connection.Reason);
    }

    [Fact]
    public async Task Renew_ConnectionTakesNothing_IsDoneAtOnce()
    {
        using var rig = new LoopRig();
        var (first, second) = (rig.In(10), rig.In(30));
        var connection = Hold(rig, first);
        rig.Settle();
        connection.Room = 4;
        rig.Publish("a", "1");
        rig.Settle();
        var renewed = connection.Owner!.AskAsync(new ConnectionAsk(connection.Owner) { OldLease = first, NewLease = second });
        rig.Settle();

        Assert.Equal(AskOutcome.Done, await renewed.Outcome());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Renew_SomebodyElseHas_IsStaleAndChangesNothing(bool withSet)
    {
        using var rig = new LoopRig();
        var (first, second, third) = (rig.In(10), rig.In(30), rig.In(1));
        var connection = Hold(rig, first);
        rig.Settle();
        var held = rig.HeldStrands();
        var renewed = connection.Owner!.AskAsync(new ConnectionAsk(connection.Owner) { OldLease = first, NewLease = second });
        var stale = withSet
            ? rig.ChangeAsync(connection, Selectors.Of("x", "y"), before: first, lease: third)
            : connection.Owner.AskAsync(new ConnectionAsk(connection.Owner) { OldLease = first, NewLease = third });
        rig.Settle();

        Assert.Equal((AskOutcome.Done, AskOutcome.Stale), (await renewed.Outcome(), await stale.Outcome()));
        Assert.Equal(held, rig.HeldStrands());
        rig.Advance(TimeSpan.FromMinutes(20));
        Assert.Null(connection.Reason);
    }

    [Fact]
    public async Task Change_WithALease_TakesBothOrNeither()
    {
        using var rig = new LoopRig();
        var (first, second) = (rig.In(10), rig.In(30));
        var connection = Hold(rig, first);
        rig.Settle();
        var changed = rig.ChangeAsync(connection, Selectors.Of("b"), before: first, lease: second);
        rig.Publish("a", "old");
        rig.Publish("b", "new");
        rig.Settle();

        Assert.Equal(AskOutcome.Done, await changed.Outcome());
        Assert.Collection(
            connection.Received(), static text => Assert.Equal("old", text), static text => Assert.StartsWith("changed ", text, StringComparison.Ordinal), static text => Assert.Equal("new", text));
        Assert.Same(second, rig.Loop.Find(connection.Id)!.Lease);
    }

    [Fact]
    public void Find_ConnectionsThatComeAndGo_TellsOfThoseThatAreThere()
    {
        using var rig = new LoopRig();
        var lease = rig.In(60);
        var (one, other) = (Hold(rig, lease), rig.Subscribe("b", "c/*"));
        rig.Settle();
        rig.Advance(TimeSpan.FromSeconds(10));

        var (found, plain) = (rig.Loop.Find(one.Id)!, rig.Loop.Find(other.Id)!);
        Assert.Equal((one.Id, lease, ConnectionState.Live, false, "a"), (found.Id, found.Lease, found.State, found.IsSlow, Texts(found)));
        Assert.Equal((null, "b c/*"), (plain.Lease, Texts(plain)));
        Assert.Equal(10, found.Age.TotalSeconds, 0.3);
        Assert.True(rig.Loop.End(one.Id, CloseReason.Disconnected));
        Assert.False(rig.Loop.End(one.Id, CloseReason.Disconnected));
        Assert.Null(rig.Loop.Find(one.Id));
        Assert.Equal((CloseReason.Disconnected, "drain disconnected"), (one.Reason, one.Received()[^1]));
    }

    [Fact]
    public void List_FilterAndPages_FindsEachOnce()
    {
        using var rig = new LoopRig();
        var connections = Enumerable.Range(0, 50).Select(i => i % 2 == 0 ? Hold(rig, rig.In(60)) : rig.Subscribe("b")).ToList();
        rig.Settle();
        var wanted = new ConnectionFilter { Lease = static lease => lease is not null, Selectors = static set => set.MayMatch("a"u8), State = ConnectionState.Live, IsSlow = false };

        var found = new List<ulong>();
        for (var next = 0; next >= 0;)
        {
            (var page, next) = rig.Loop.List(next, 7, 20, wanted);
            Assert.InRange(page.Count, 0, 7);
            found.AddRange(page.Select(static one => one.Id));
        }

        Assert.Equal(connections.Where(static (_, i) => i % 2 == 0).Select(static one => one.Id), found);
        Assert.Empty(rig.Loop.List(0, 50, 50, wanted with { State = ConnectionState.Replay }).Found);
        Assert.Empty(rig.Loop.List(0, 50, 50, wanted with { IsSlow = true }).Found);
        Assert.Empty(rig.Loop.List(0, 50, 50, wanted with { Selectors = static set => set.MayMatch("b"u8) }).Found);
    }

    private static string Texts(ConnectionView view) =>
        string.Join(' ', view.Selectors.Topics.Select(System.Text.Encoding.UTF8.GetString).Concat(view.Selectors.Patterns.Select(static pattern => pattern.Text)));

    private static TestConnection Hold(LoopRig rig, TestLease lease, bool signals = true) => rig.Hold(lease, WireFormat.SseRaw, signals, "a");
}
