using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery.Model;

/// <summary>One connection of a subscriber, and what came over it.</summary>
/// <param name="after">The offset behind which it began.</param>
internal sealed class ModelSession(TestConnection connection, ModelLog log, long after)
{
    private readonly SseReader _reader = new();
    private readonly HashSet<int> _received = [];
    private int _read;
    private int _refusals;
    private long _tail; // The oldest slot in the window when the turn began.
    private bool _mustBeSlow; // A write did not fit, and it was not seen with everything since.
    private bool _isCut; // It has a part of a block: no signal may come within it.
    private bool _isJudged;
    private bool _wasBehind; // It was in replay for another reason than that.
    private bool _knowsSlow; // It was told, and not seen with everything since.

    public TestConnection Connection => connection;

    /// <summary>Events published before it began.</summary>
    public int Join { get; } = log.Count;

    public long After => after;

    public bool Signals { get; init; } = true;

    /// <summary>Whether it began with the head, where it had to wait for nothing.</summary>
    public bool IsFromNow { get; init; }

    /// <summary>Whether its cursor was ahead of the head.</summary>
    public bool IsAhead { get; init; }

    /// <summary>The values of the snapshot with which it began.</summary>
    public HashSet<ModelEvent>? Snapshot { get; init; }

    /// <summary>Whether it is looked at before and behind every turn.</summary>
    public bool IsWatched { get; init; } = true;

    /// <summary>Whether it may be slow: it was held up, and was not seen with everything since.</summary>
    public bool MaybeSlow { get; set; }

    public List<ModelEvent> Received { get; } = [];

    public List<ToldGap> Gaps { get; } = [];

    public int SlowTold { get; private set; }

    /// <summary>The offset before the oldest event in history, at the last look.</summary>
    public long Retained { get; private set; }

    /// <summary>Where its subscriber would go on.</summary>
    public long Cursor => Position.TryParse(_reader.LastEventId, out var position) ? position.Offset : after;

    public bool IsHeldUp => connection.Stalled || connection.Room < int.MaxValue;

    public bool Has(ModelEvent source) => _received.Contains(source.Index);

    /// <summary>What is expected of it for certain; of ephemeral events from before it began nobody promises anything.</summary>
    public bool Expects(ModelEvent source) => source.Index >= Join
        ? !IsAhead || source.Offset > after
        : source.IsRecorded && (Snapshot is null ? source.Offset > after : Snapshot.Contains(source) && source.Offset > Retained);

    /// <summary>Before a turn: whether it has everything for certain, and whether the window may have let go of something that it has not.</summary>
    public void LookBefore(bool hasAll, bool isBehind, long tail)
    {
        Look(hasAll);
        _wasBehind |= isBehind && !_mustBeSlow;
        (_refusals, _tail) = (connection.Refusals, tail);
    }

    /// <summary>Behind a turn.</summary>
    public void LookAfter(bool hasAll)
    {
        Look(hasAll);
        _mustBeSlow |= connection.Refusals > _refusals && !hasAll && IsFromNow && !_wasBehind;
    }

    public void Read(long tail, long retained)
    {
        Retained = retained;
        var bytes = connection.BytesFrom(_read);
        _read += bytes.Length;
        foreach (var item in _reader.Feed(bytes))
        {
            Assert.True(Signals || !item.Type.StartsWith("spillway-", StringComparison.Ordinal), "A signal came that was not asked for.");
            switch (item.Type)
            {
                case "spillway-gap":
                    Gaps.Add(ToldGap.Read(item.Data, log.Count, tail, Retained, MaybeSlow));
                    break;
                case "spillway-slow":
                    Assert.True(MaybeSlow, "A connection that had everything was told that it is slow.");
                    Assert.False(_knowsSlow && IsWatched, "A connection was told twice that it is slow.");
                    _knowsSlow = true;
                    SlowTold++;
                    break;
                case var type when type.StartsWith("spillway-", StringComparison.Ordinal):
                    break;
                default:
                    Receive(log.Identify(item));
                    break;
            }
        }

        _isCut = bytes.Length == 0 ? _isCut : !bytes.AsSpan().EndsWith("\n\n"u8);
    }

    /// <summary>Whether its end, if it ended by itself, is one that the script allows.</summary>
    public void JudgeEnd(bool mayDisconnect, bool drained, bool topicsEnded)
    {
        if (_isJudged)
        {
            return;
        }

        _isJudged = true;
        var isRight = connection.Reason switch
        {
            CloseReason.Overflow => MaybeSlow && mayDisconnect && (SlowTold > 0 || !Signals),
            CloseReason.WriteTimeout => IsHeldUp,
            CloseReason.Shutdown => drained,
            CloseReason.TopicsEnded => topicsEnded,
            CloseReason.Failed => MaybeSlow && Retained > 0, // Retention took the rest of a cut event.
            _ => false,
        };
        Assert.True(isRight, $"A connection ended: {connection.Reason}.");
    }

    private void Look(bool hasAll)
    {
        if (hasAll)
        {
            (_mustBeSlow, _knowsSlow) = (false, false);
        }
    }

    private void Receive(ModelEvent source)
    {
        Assert.True(source.IsRecorded ? source.Offset > after : source.Offset >= after, $"Event {source} came although the connection began behind it.");
        Assert.True(Snapshot is null || source.Index >= Join || Snapshot.Contains(source), $"Event {source} is no snapshot's: there was a newer one with its topic and key.");
        Assert.True(SlowTold > 0 || !Signals || !_mustBeSlow || source.Slot >= _tail || _isCut, $"Event {source} came from history and the connection does not know that it is slow.");
        _isCut = false;
        Received.Add(source);
        Assert.True(_received.Add(source.Index), $"Event {source} came twice.");
    }
}
