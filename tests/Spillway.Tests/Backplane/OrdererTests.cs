using Spillway.Backplane;
using Spillway.Events;
using static Spillway.Tests.Backplane.Batches;

namespace Spillway.Tests.Backplane;

public sealed class OrdererTests : IDisposable
{
    private readonly OrdererRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Process_SeveralBatches_AreOneAppendAndOneRoundInOrder()
    {
        var outcomes = _rig.Process(Of(Event("a", "1"), Event("b", "2")), Of(Event("a", "3")));

        Assert.Equal([Committed(2, 0, 2), Committed(1, 0, 3)], outcomes);
        Assert.Equal(["1", "2", "3"], _rig.Sink.Payloads);
        Assert.Equal([1, 2, 3], _rig.Sink.Records.Select(static record => EventRecord.OffsetOf(record)));
        Assert.Equal(_rig.Sink.Records, _rig.History.Records);
        Assert.Equal((1, 1), (_rig.History.Appends, _rig.Sink.Rounds));
    }

    [Fact]
    public void Process_HistoryLeavesAHole_GoesOnBehindIt()
    {
        _rig.Process(Of(Event("a")));
        _rig.History.NextOffset = 1_000;

        var outcomes = _rig.Process(Of(Event("a")));

        Assert.Equal(Committed(1, 0, 1_000), outcomes[0]);
    }

    [Fact]
    public void Process_ClockGoesBack_TimeStays()
    {
        _rig.Process(Of(Event("a")));
        _rig.Clock.Shift(TimeSpan.FromSeconds(-5));

        _rig.Process(Of(Event("a")));

        var times = _rig.Sink.Records.Select(static record => EventRecord.TimeOf(record)).ToArray();
        Assert.Equal(times[0], times[1]);
        Assert.Equal(OrdererRig.Start.ToUnixTimeMilliseconds(), times[0]);
    }

    [Fact]
    public void Process_EphemeralEvents_AreNumberedBehindTheLastRecordedOne()
    {
        _rig.Process(Ephemeral(Event("e", "0")));

        _rig.Process(Of(Event("a", "1")), Ephemeral(Event("e", "2"), Event("e", "3")), Of(Event("a", "4")), Ephemeral(Event("e", "5")));
        var outcomes = _rig.Process(Ephemeral(Event("e", "6")));

        Assert.Equal(["0", "1", "2", "3", "4", "5", "6"], _rig.Sink.Payloads);
        Assert.Equal(
            [(0, 1u), (1, 0u), (1, 1u), (1, 2u), (2, 0u), (2, 1u), (2, 2u)],
            _rig.Sink.Records.Select(static record => (EventRecord.OffsetOf(record), new EventRecord(record).EphemeralNumber)));
        Assert.Equal([1, 2], _rig.History.Records.Select(static record => EventRecord.OffsetOf(record)));
        Assert.Equal(Committed(1, 0, 2) with { Ephemeral = 2 }, outcomes[0]);
    }

    [Fact]
    public void Process_OneEventOfABatchIsRefused_NothingOfItIsAdded()
    {
        _rig.Process(Of(Event("gone", final: true)));

        var outcomes = _rig.Process(
            Of(Event("a", "1", id: "x"), Event("t", "2", final: true), Event("gone", "3")), Ephemeral(Event("e", "4")), Of(Event("t", "5"), Event("a", "1", id: "x")));

        Assert.Equal(new PublishOutcome(PublishStatus.TopicEnded, 2), outcomes[0]);
        Assert.Equal(Committed(1, 0, 1) with { Ephemeral = 1 }, outcomes[1]);
        Assert.Equal(Committed(2, 0, 3), outcomes[2]);
        Assert.Equal(["", "4", "5", "1"], _rig.Sink.Payloads);
        Assert.Equal([1, 2, 3], _rig.History.Records.Select(static record => EventRecord.OffsetOf(record)));
    }

    [Theory]
    [InlineData("t")] // The canonical topic.
    [InlineData("other")] // An alternate.
    public void Process_TopicHasEnded_IsRefused(string canonical)
    {
        var source = Event(canonical, alternates: canonical == "t" ? [] : ["t"]);
        _rig.Process(Of(Event("t", final: true)));

        var earlierRound = _rig.Process(Of(source));
        using var second = new OrdererRig();
        var sameRound = second.Process(Of(Event("t", final: true)), Of(source));
        using var third = new OrdererRig();
        var sameBatch = third.Process(Of(Event("t", final: true), source));

        Assert.Equal(new PublishOutcome(PublishStatus.TopicEnded, 0), earlierRound[0]);
        Assert.Equal(new PublishOutcome(PublishStatus.TopicEnded, 0), sameRound[1]);
        Assert.Equal(new PublishOutcome(PublishStatus.TopicEnded, 1), sameBatch[0]);
        Assert.Single(second.Sink.Records);
        Assert.Empty(third.Sink.Records);
    }

    [Fact]
    public void Process_FinalEventWithAlternates_EndsOnlyTheCanonicalTopic()
    {
        _rig.Process(Of(Event("t", final: true, alternates: "other")));

        var outcomes = _rig.Process(Of(Event("other")));

        Assert.Equal(PublishStatus.Committed, outcomes[0].Status);
    }

    [Fact]
    public void Process_TopicEndsTwice_TheSecondEndIsADuplicate()
    {
        var outcomes = _rig.Process(EndOf("t"), EndOf("t"));

        Assert.Equal([Committed(1, 0, 1), Committed(0, 1, 1)], outcomes);
        Assert.Single(_rig.History.Records);
    }

    [Fact]
    public void Process_HistoryFails_EveryPublisherHearsItAndNothingCounts()
    {
        _rig.History.Fault = new IOException("The disk is full.");

        var failed = _rig.Process(Of(Event("a", "1", id: "x")), Of(Event("t", "2", final: true)));
        _rig.History.Fault = null;
        var retried = _rig.Process(Of(Event("a", "1", id: "x")), Of(Event("t", "2", final: true)));

        Assert.All(failed, static outcome => Assert.Equal(PublishStatus.Failed, outcome.Status));
        Assert.All(failed, static outcome => Assert.Contains("not known", outcome.Detail, StringComparison.Ordinal));
        Assert.Equal([Committed(1, 0, 1), Committed(1, 0, 2)], retried);
        Assert.Equal(["1", "2"], _rig.Sink.Payloads);
        Assert.Equal(2, _rig.Metrics.Sum("spillway.backplane.refused_batches", "failed"));
    }

    [Fact]
    public void Process_HistoryFails_EphemeralEventsGoOn()
    {
        _rig.History.Fault = new IOException("The disk is full.");

        var outcomes = _rig.Process(Of(Event("a", "1")), Ephemeral(Event("e", "2")), Ephemeral(Event("e", "3")));

        Assert.Equal([PublishStatus.Failed, PublishStatus.Committed, PublishStatus.Committed], outcomes.Select(static outcome => outcome.Status));
        Assert.Equal(["2", "3"], _rig.Sink.Payloads);
        Assert.Equal([(0, 1u), (0, 2u)], _rig.Sink.Records.Select(static record => (EventRecord.OffsetOf(record), new EventRecord(record).EphemeralNumber)));
    }

    [Fact]
    public void Process_HistoryWritesAPartAndFails_ThePartIsDeliveredAndItsRepeatsAreFound()
    {
        _rig.History.Fault = new IOException("The disk is full.");
        _rig.History.WrittenBeforeFault = 2;
        EventBatch[] Round() => [Of(Event("a", "1", id: "x")), Ephemeral(Event("e", "2", id: "e")), Of(Event("a", "3", id: "y"), Event("a", "4", id: "z"))];

        var failed = _rig.Process(Round());
        _rig.History.Fault = null;
        var retried = _rig.Process(Round());

        Assert.Equal([PublishStatus.Failed, PublishStatus.Committed, PublishStatus.Failed], failed.Select(static outcome => outcome.Status));
        Assert.Equal([Committed(0, 1, 1), Committed(0, 1, 2), Committed(1, 1, 3)], retried);
        Assert.Equal(["1", "3", "2", "4"], _rig.Sink.Payloads);
        Assert.Equal([1, 2, 3], _rig.History.Records.Select(static record => EventRecord.OffsetOf(record)));
    }

    [Fact]
    public void Process_HistoryFailsForAWhile_SaysSoOnceAndOnceThatItIsOver()
    {
        _rig.History.Fault = new IOException("The disk is full.");
        _rig.Process(Of(Event("a")));
        _rig.Process(Of(Event("a")), Of(Event("b")));
        _rig.History.Fault = null;

        _rig.Process(Of(Event("a")));

        Assert.Equal([2001, 2002], _rig.Logs.Lines.Select(static line => line.Id));
        Assert.Contains("3 batches", _rig.Logs.Lines[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Process_SinkFails_PublishersHearThatTheirEventsAreIn()
    {
        _rig.Sink.Fault = new InvalidOperationException("The hub is broken.");

        var outcomes = _rig.Process(Of(Event("a")));

        Assert.Equal(Committed(1, 0, 1), outcomes[0]);
        Assert.Contains("The hub is broken.", Assert.Single(_rig.Logs.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Process_LargeBatchAfterSmallOnes_KeepsEveryByte()
    {
        var large = new string('x', 5_000_000);
        _rig.Process(Of(Event("a", "1")));

        _rig.Process(Of(Event("a", "2"), Event("a", large)), Ephemeral(Event("e", large)));
        _rig.Process(Of(Event("a", "3")));

        Assert.Equal(["1", "2", large, large, "3"], _rig.Sink.Payloads);
        Assert.Equal(4, _rig.History.Records.Count);
    }

    [Fact]
    public void Process_AnyRound_IsMeasured()
    {
        _rig.Process(Of(Event("a"), Event("b")), Ephemeral(Event("e")));
        _rig.Process(Ephemeral(Event("e")));

        Assert.Equal((2, 4.0), (_rig.Metrics.Count("spillway.backplane.batch_events"), _rig.Metrics.Sum("spillway.backplane.batch_events")));
        Assert.Equal(1, _rig.Metrics.Count("spillway.backplane.commit.duration"));
    }

    private static PublishOutcome Committed(int accepted, int duplicates, long offset) =>
        new(PublishStatus.Committed, Accepted: accepted, Duplicates: duplicates, Last: new Position(7, offset));
}
