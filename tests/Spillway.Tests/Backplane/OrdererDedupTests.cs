using System.Buffers;
using Spillway.Backplane;
using Spillway.Events;
using static Spillway.Tests.Backplane.Batches;

namespace Spillway.Tests.Backplane;

public sealed class OrdererDedupTests : IDisposable
{
    private readonly OrdererRig _rig = new(new DedupOptions { Keys = 100, Window = TimeSpan.FromSeconds(10) });

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Process_RepeatedId_IsAnsweredLikeTheFirst()
    {
        _rig.Process(Of(Event("a", "1", id: "x")), Of(Event("a", "2")));

        var later = _rig.Process(Of(Event("a", "1", id: "x")));
        var inOneRound = _rig.Process(Of(Event("a", "3", id: "y")), Of(Event("a", "3", id: "y")));
        var inOneBatch = _rig.Process(Of(Event("a", "4", id: "z"), Event("a", "5"), Event("a", "4", id: "z")));

        Assert.Equal(Committed(0, 1, 1), later[0]);
        Assert.Equal([Committed(1, 0, 3), Committed(0, 1, 3)], inOneRound);
        Assert.Equal(Committed(2, 1, 4), inOneBatch[0]);
        Assert.Equal(["1", "2", "3", "4", "5"], _rig.Sink.Payloads);
    }

    [Fact]
    public void Process_RepeatedEphemeralId_IsAnsweredLikeTheFirst()
    {
        _rig.Process(Ephemeral(Event("e", "1", id: "x")));

        var outcomes = _rig.Process(Ephemeral(Event("e", "1", id: "x")));

        Assert.Equal(Committed(0, 1, 0), outcomes[0]);
        Assert.Single(_rig.Sink.Records);
    }

    [Fact]
    public void Process_RepeatBehindAnEphemeralEvent_HasNoNumberOfThatOne()
    {
        _rig.Process(Of(Event("a", "1", id: "x"), Event("t", final: true)));

        var repeated = _rig.Process(Join(Ephemeral(Event("e")), Of(Event("a", "1", id: "x"))));
        var ended = _rig.Process(Join(Ephemeral(Event("e")), EndOf("t")));

        Assert.Equal([Committed(1, 1, 1), Committed(1, 1, 2)], [repeated[0], ended[0]]);
    }

    [Fact]
    public void Process_IdOfAnotherEvent_IsRefusedWithTheWholeBatch()
    {
        _rig.Process(Of(Event("a", "1", id: "x")));

        var outcomes = _rig.Process(Of(Event("a", "2"), Event("a", "other", id: "x")), Of(Event("a", "3", id: "y"), Event("a", "4", id: "y")));
        var retried = _rig.Process(Of(Event("a", "5", id: "y")));

        Assert.Equal([new(PublishStatus.IdReused, 1), new(PublishStatus.IdReused, 1)], outcomes);
        Assert.Equal(Committed(1, 0, 2), retried[0]); // The refused batch's own id is not remembered.
        Assert.Equal(["1", "5"], _rig.Sink.Payloads);
    }

    public static TheoryData<string, PushEvent> OtherEvents => new()
    {
        { "topic", new PushEvent { Topic = "b", Payload = "1"u8.ToArray(), Id = "x" } },
        { "alternates", new PushEvent { Topic = "a", Alternates = ["b"], Payload = "1"u8.ToArray(), Id = "x" } },
        { "type", new PushEvent { Topic = "a", Type = "t", Payload = "1"u8.ToArray(), Id = "x" } },
        { "content type", new PushEvent { Topic = "a", ContentType = "t", Payload = "1"u8.ToArray(), Id = "x" } },
        { "key", new PushEvent { Topic = "a", Key = "t", Payload = "1"u8.ToArray(), Id = "x" } },
        { "ttl", new PushEvent { Topic = "a", Ttl = TimeSpan.FromSeconds(1), Payload = "1"u8.ToArray(), Id = "x" } },
        { "private", new PushEvent { Topic = "a", Private = true, Payload = "1"u8.ToArray(), Id = "x" } },
        { "final", new PushEvent { Topic = "a", Final = true, Payload = "1"u8.ToArray(), Id = "x" } },
        { "priority", new PushEvent { Topic = "a", Priority = EventPriority.Low, Payload = "1"u8.ToArray(), Id = "x" } },
        { "payload", new PushEvent { Topic = "a", Payload = "12"u8.ToArray(), Id = "x" } },
        { "no payload", new PushEvent { Topic = "a", Id = "x" } },
    };

    [Theory]
    [MemberData(nameof(OtherEvents))]
    public void Process_AnyFieldDiffers_IsAnotherEvent(string field, PushEvent other)
    {
        _rig.Process(Of(Event("a", "1", id: "x")));

        var outcomes = _rig.Process(Of(other));

        Assert.True(outcomes[0].Status == PublishStatus.IdReused, field);
    }

    [Fact]
    public void Process_OnlyTraceParentOrRuleDiffers_IsTheSameEvent()
    {
        _rig.Process(Of(Event("a", "1", id: "x", traceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")));

        var otherSpan = _rig.Process(Of(Event("a", "1", id: "x", traceParent: "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01")));
        var otherRule = _rig.Process(Ephemeral(Event("a", "1", id: "x")));

        Assert.Equal(Committed(0, 1, 1), otherSpan[0]);
        Assert.Equal(Committed(0, 1, 1), otherRule[0]);
    }

    [Fact]
    public void Process_IdOfAnotherPublisher_IsAnotherId()
    {
        _rig.Process(Of("p", EventFlags.None, Event("a", "1", id: "x")));

        var outcomes = _rig.Process(Of("q", EventFlags.None, Event("a", "2", id: "x")), Of("p", EventFlags.None, Event("a", "1", id: "x")));

        Assert.Equal([Committed(1, 0, 2), Committed(0, 1, 1)], outcomes);
    }

    [Fact]
    public void Process_WindowHasPassed_TheIdIsNewAgain()
    {
        _rig.Process(Of(Event("a", "1", id: "x")));
        _rig.Clock.Shift(TimeSpan.FromSeconds(10) - TimeSpan.FromMilliseconds(1));
        var before = _rig.Process(Of(Event("a", "1", id: "x")));
        _rig.Clock.Shift(TimeSpan.FromMilliseconds(1));

        var after = _rig.Process(Of(Event("a", "other", id: "x")));

        Assert.Equal(Committed(0, 1, 1), before[0]);
        Assert.Equal(Committed(1, 0, 2), after[0]);
    }

    [Fact]
    public void Process_MoreIdsThanKept_TheOldestIsForgotten()
    {
        _rig.Process(Of([.. Enumerable.Range(0, 101).Select(static i => Event("a", id: $"id-{i}"))]));

        var second = _rig.Process(Of(Event("a", id: "id-1")));
        var first = _rig.Process(Of(Event("a", id: "id-0")));

        Assert.Equal(Committed(0, 1, 2), second[0]);
        Assert.Equal(Committed(1, 0, 102), first[0]);
    }

    [Fact]
    public void Process_FinalEventAgain_IsADuplicateAndNotTooLate()
    {
        _rig.Process(Of(Event("t", "bye", id: "x", final: true)));

        var outcomes = _rig.Process(Of(Event("t", "bye", id: "x", final: true)));

        Assert.Equal(Committed(0, 1, 1), outcomes[0]);
    }

    [Fact]
    public void Restore_AfterARestart_KnowsIdsAndTime()
    {
        _rig.Process(Of([.. Enumerable.Range(0, 50).Select(static i => Event("a", id: $"id-{i}"))]));
        _rig.Clock.Shift(TimeSpan.FromSeconds(9));
        _rig.Process(Of(Event("b", id: "late"), Event("b")));
        var clock = new OrdererRig.ShiftedClock();
        clock.Shift(TimeSpan.FromSeconds(2)); // Before the newest record, as after a step of the clock.
        using var restarted = new OrdererRig(new DedupOptions { Keys = 100, Window = TimeSpan.FromSeconds(10) }, _rig.History, clock);

        restarted.Orderer.Restore();
        var repeats = restarted.Process(Of(Event("a", id: "id-49")), Of(Event("b", id: "late")), Of(Event("c", id: "new")));

        Assert.Equal([Committed(0, 1, 50), Committed(0, 1, 51), Committed(1, 0, 53)], repeats);
        Assert.Equal(OrdererRig.Start.AddSeconds(9).ToUnixTimeMilliseconds(), EventRecord.TimeOf(restarted.Sink.Records[0]));
    }

    [Fact]
    public void Restore_OldIds_AreNotBroughtBack()
    {
        _rig.Process(Of(Event("a", id: "old")));
        _rig.Clock.Shift(TimeSpan.FromSeconds(20));
        using var restarted = new OrdererRig(new DedupOptions { Keys = 100, Window = TimeSpan.FromSeconds(10) }, _rig.History, _rig.Clock);

        restarted.Orderer.Restore();
        var outcomes = restarted.Process(Of(Event("a", id: "old")));

        Assert.Equal(Committed(1, 0, 2), outcomes[0]);
    }

    private static EventBatch Join(EventBatch first, EventBatch second)
    {
        first.Records.Write(second.Records.WrittenSpan);
        return first with { Count = first.Count + second.Count };
    }

    private static PublishOutcome Committed(int accepted, int duplicates, long offset) =>
        new(PublishStatus.Committed, Accepted: accepted, Duplicates: duplicates, Last: new Position(7, offset));
}
