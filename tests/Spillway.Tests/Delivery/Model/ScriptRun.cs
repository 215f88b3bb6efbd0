using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery.Model;

/// <summary>Does what a script says to a loop without a thread, and then judges what every subscriber got.</summary>
internal sealed class ScriptRun : IDisposable
{
    private readonly LoopRig _rig;
    private readonly List<ModelEvent> _events = [];
    private readonly List<TopicRules> _rules = []; // All that were in force.
    private readonly List<ScriptSubscriber> _all = [];
    private readonly ScriptSubscriber?[] _current = new ScriptSubscriber?[Script.Subscribers];
    private uint _ephemeral;
    private bool _anyEnd;

    private ScriptRun(IReadOnlyList<Step> script)
    {
        var first = script.FirstOrDefault(static step => step.Act == Act.Rules); // The first rules are there from the start.
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = 64;
        options.Delivery.WindowBytes = 64 * 1024;
        options.Delivery.ReplayReaders = 1; // So that pages come in the order in which they were asked for.
        options.Limits.Topics = 100;
        options.Limits.Connections = 100;
        foreach (var rule in Step.RulesOf(first.What))
        {
            options.Rules.Add(rule);
        }

        _rules.Add(new TopicRules(options.Rules));
        _rig = new LoopRig(options);
        _rig.Dispatcher.Conflate();
    }

    /// <summary>Throws what is wrong.</summary>
    public static void Judge(IReadOnlyList<Step> script)
    {
        using var run = new ScriptRun(script);
        var rules = false;
        foreach (var step in script)
        {
            if (step.Act != Act.Rules || rules)
            {
                run.Do(step);
            }

            rules |= step.Act == Act.Rules;
        }

        run.Finish();
    }

    public void Dispose() => _rig.Dispose();

    private void Do(Step step)
    {
        var subscriber = _current[step.What % Script.Subscribers];
        switch (step.Act)
        {
            case Act.Publish:
                Publish(step);
                break;
            case Act.Subscribe:
                subscriber?.Last.Connection.Drop();
                _anyEnd |= subscriber is not null;
                _all.Add(_current[step.What % Script.Subscribers] = subscriber = new ScriptSubscriber(step.Set, step.Latest, step.Batch, _events, _rules));
                Connect(subscriber, step.Count == 0 ? null : Math.Max(0, _rig.Window.PublishedOffset - step.Count));
                break;
            case Act.Stall or Act.Room when subscriber is not null:
                subscriber.Last.MaybeSlow = true;
                (subscriber.Last.Connection.Stalled, subscriber.Last.Connection.Room) = (step.Act == Act.Stall, step.Act == Act.Stall ? 0 : step.Size);
                _rig.Sink.Resume();
                break;
            case Act.Resume when subscriber is not null:
                _rig.Release(subscriber.Last.Connection);
                break;
            case Act.Reconnect when subscriber is not null:
                subscriber.Last.Connection.Drop();
                Turn();
                Reconnect(subscriber);
                break;
            case Act.Clock:
                _rig.Clock.Advance(TimeSpan.FromMilliseconds(step.Size));
                break;
            case Act.Rules:
                Assert.True(_rig.Dispatcher.TryChangeRules(Step.RulesOf(step.What), out var fault), fault);
                _rules.Add(new TopicRules(Step.RulesOf(step.What)));
                break;
            case Act.Turn:
                Turn();
                break;
            case Act.Settle:
                Settle();
                break;
        }
    }

    private void Publish(Step step)
    {
        var batch = Enumerable.Range(_events.Count, step.Count + 1).Select(i => step.Event(Encoding.UTF8.GetBytes($"{i} {new string('x', step.Size)}"))).ToArray();
        var isRecorded = _rules[^1].For(batch[0].Topic).History;
        var now = _rig.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var (next, slot) = (_rig.History.NextOffset, _rig.Window.Head);
        foreach (var source in batch)
        {
            _ephemeral = isRecorded ? 0 : _ephemeral + 1;
            _events.Add(new ModelEvent(
                _events.Count, source, isRecorded ? next++ : _rig.History.Head, _ephemeral, ++slot, source.Ttl is { } ttl ? now + (long)ttl.TotalMilliseconds : long.MaxValue, _rules.Count - 1));
        }

        _rig.Publish(batch);
    }

    private void Connect(ScriptSubscriber subscriber, long? after)
    {
        var begin = after ?? _rig.Window.PublishedOffset;
        subscriber.Sessions.Add(new ScriptSession(_rig.Subscribe(subscriber.Set, after, latest: subscriber.Latest, batch: subscriber.Batch), _events, begin));
        Turn();
    }

    private void Reconnect(ScriptSubscriber subscriber)
    {
        _anyEnd = true;
        Connect(subscriber, subscriber.Last.Cursor);
    }

    private bool Turn()
    {
        var more = _rig.Turn();
        foreach (var subscriber in _all)
        {
            subscriber.Last.Read(_rig.Window.Tail);
            Assert.True(subscriber.Last.Connection.Closes <= 1);
        }

        foreach (var subscriber in _current)
        {
            if (subscriber?.Last is { Connection.Reason: not null and not CloseReason.ClientClosed } ended)
            {
                ended.JudgeEnd(subscriber.MayDisconnect);
                Reconnect(subscriber);
                more = true;
            }
        }

        return more;
    }

    private void Settle()
    {
        for (var turns = 0; Turn(); turns++)
        {
            Assert.True(turns < 1_000, "The loop does not come to an end.");
        }

        foreach (var subscriber in _current)
        {
            if (subscriber is { Last.IsHeldUp: false })
            {
                subscriber.Last.MaybeSlow = false;
            }
        }
    }

    private void Finish()
    {
        foreach (var subscriber in _current)
        {
            if (subscriber is not null)
            {
                _rig.Release(subscriber.Last.Connection);
            }
        }

        Settle();
        for (var steps = 0; steps == 0 || _rig.Loop.Batching > 0; steps++)
        {
            Assert.True(steps < 50, "Something waits for longer than the longest interval.");
            _rig.Clock.Advance(TimeSpan.FromMilliseconds(100));
            Settle();
        }

        Assert.Empty(_rig.Logs.Errors);
        Assert.Equal((0, 0L, 0), (_rig.Loop.ExtraStates, _rig.Loop.Counters.RestBytes, _rig.Replayer.PagesInFlight));
        var now = _rig.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var alive = _current.OfType<ScriptSubscriber>().ToList();
        Assert.All(alive, subscriber => subscriber.Judge(now));
        if (!_anyEnd && alive.TrueForAll(static subscriber => subscriber.Told() is not null && subscriber.Unpromised.Count == 0))
        {
            JudgeCounters(alive);
        }
    }

    /// <summary>With every count known and nobody gone, the sums agree to the event.</summary>
    private void JudgeCounters(List<ScriptSubscriber> alive)
    {
        var counters = _rig.Loop.Counters;
        var told = alive.Sum(static subscriber => subscriber.Told()!.Value);
        Assert.Equal(
            (Delivered: alive.Sum(static subscriber => subscriber.Last.Received.Count), Overflow: alive.Sum(static subscriber => subscriber.Told("overflow")!.Value),
                Expired: alive.Sum(static subscriber => subscriber.Told("expired")!.Value), Superseded: alive.Sum(static subscriber => subscriber.Missing.Count) - told,
                Slow: alive.Sum(static subscriber => subscriber.Last.SlowTold)),
            (Delivered: counters.Delivered, Overflow: counters.Missed[(int)GapReason.Overflow], Expired: counters.Missed[(int)GapReason.Expired], counters.Superseded, Slow: counters.SlowTold));
        Assert.Equal(counters.Missed[(int)GapReason.Overflow], counters.GivenUp.Sum());
    }
}
