using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery.Model;

/// <summary>Does what a script says to a loop without a thread, and then judges what every subscriber got.</summary>
internal sealed class ScriptRun : IDisposable
{
    private const int CrowdSize = 65; // One more than are visited one by one.

    private readonly World _world;
    private readonly LoopRig _rig;
    private readonly ModelLog _log = new();
    private readonly List<ModelRules> _rules = []; // All that were in force.
    private readonly List<ModelSubscriber> _all = [];
    private readonly ModelSubscriber?[] _current = new ModelSubscriber?[Script.Subscribers];
    private readonly HashSet<string> _ended = [];
    private uint _ephemeral;
    private bool _anyEnd;
    private bool _crowd;
    private bool _drained;

    private ScriptRun(IReadOnlyList<Step> script)
    {
        var first = script.FirstOrDefault(static step => step.Act == Act.Rules); // The first rules are there from the start.
        _world = new World(first.Size % World.Count);
        var options = _world.MakeOptions();
        foreach (var rule in ScriptRules.Of(first.What))
        {
            options.Rules.Add(rule);
        }

        _rules.Add(new ModelRules(ScriptRules.Of(first.What)));
        _rig = new LoopRig(options, _world.MakeLimits(options));
        _rig.Dispatcher.Conflate();
    }

    private long Now => _rig.Clock.GetUtcNow().ToUnixTimeMilliseconds();

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
            case Act.Subscribe when !_drained:
                subscriber?.Last.Connection.Drop();
                _anyEnd |= subscriber is not null;
                _all.Add(_current[step.What % Script.Subscribers] = subscriber = new ModelSubscriber(step.Set, step.Latest, step.Signals, step.Batch, _log, _rules));
                Connect(subscriber, step);
                break;
            case Act.Stall or Act.Room when subscriber is not null:
                subscriber.Last.MaybeSlow = true;
                (subscriber.Last.Connection.Stalled, subscriber.Last.Connection.Room) = (step.Act == Act.Stall, step.Act == Act.Stall ? 0 : step.Size);
                _rig.Sink.Resume();
                break;
            case Act.Resume when subscriber is not null:
                _rig.Release(subscriber.Last.Connection);
                break;
            case Act.Reconnect when subscriber is not null && !_drained:
                subscriber.Last.Connection.Drop();
                Turn();
                Reconnect(subscriber);
                break;
            case Act.Clock:
                _rig.Clock.Advance(TimeSpan.FromMilliseconds(step.Size));
                break;
            case Act.Rules:
                ChangeRules(step);
                break;
            case Act.RulesDuring when step.Size % 2 == 1:
                _rig.Encoder.OnEvent = () => OnPage(() => ChangeRules(step));
                break;
            case Act.RulesDuring when _current[step.Count % Script.Subscribers] is { } writtenTo:
                OnSend(writtenTo, () => ChangeRules(step));
                break;
            case Act.PublishDuring when _current[step.Count % Script.Subscribers] is { } writtenTo:
                OnSend(writtenTo, () => PublishIfRoom(step with { Count = 0 }));
                break;
            case Act.Crowd when !_crowd:
                _crowd = true;
                Enumerable.Range(0, CrowdSize).ToList().ForEach(_ => _rig.Subscribe(step.Topic));
                break;
            case Act.Drain when !_drained:
                (_drained, _anyEnd) = (true, true);
                _rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain));
                break;
            case Act.Turn:
                Turn();
                break;
            case Act.Settle:
                Settle();
                break;
        }
    }

    private static void OnSend(ModelSubscriber subscriber, Action act)
    {
        var connection = subscriber.Last.Connection;
        connection.OnSend = () =>
        {
            connection.OnSend = null;
            act();
        };
    }

    /// <summary>Where the replayer encodes; the dispatcher, which does too, holds its lock then.</summary>
    private void OnPage(Action act)
    {
        if (_rig.IsReplaying)
        {
            _rig.Encoder.OnEvent = null;
            act();
        }
    }

    private void ChangeRules(Step step)
    {
        Assert.True(_rig.Dispatcher.TryChangeRules(ScriptRules.Of(step.What), out var fault), fault);
        _rules.Add(new ModelRules(ScriptRules.Of(step.What)));
    }

    /// <summary>Within a turn only: what fits beside all that is there. The dispatcher would wait for the turn's end to make room.</summary>
    private void PublishIfRoom(Step step)
    {
        if (_rig.Window is { Tail: 1, Head: < 48 } && _log.Bytes < 24 * 1024)
        {
            Publish(step with { Size = 10 });
        }
    }

    private void Publish(Step step)
    {
        var count = step.Size > 20_000 ? step.Count % 5 : step.Count;
        var batch = Enumerable.Range(_log.Count, count + 1).Select(i => step.Event(i, _world.MostBytes)).ToArray();
        if (batch[0].Alternates.Append(batch[0].Topic).Any(_ended.Contains))
        {
            return; // Refused.
        }

        if (step.Final)
        {
            _ended.Add(step.Topic);
            batch = [new PushEvent { Topic = step.Topic, Payload = batch[0].Payload, Final = true }];
        }

        var rule = _rules[^1].For(step.Topic);
        var isRecorded = rule.History || step.Final;
        var (next, slot) = (_rig.History.NextOffset, _rig.Window.Head);
        foreach (var source in batch)
        {
            _ephemeral = isRecorded ? 0 : _ephemeral + 1;
            _log.Add(new ModelEvent(
                _log.Count, source, isRecorded ? next++ : _rig.History.Head, _ephemeral, ++slot, source.Priority ?? rule.Priority,
                (source.Ttl ?? rule.Ttl) is { } ttl ? Now + (long)ttl.TotalMilliseconds : long.MaxValue, _rules.Count - 1));
        }

        _rig.Publish(batch);
        Assert.True(_rig.Dispatcher.ConflationBytes <= 16 * 1_024, "The table of newest events grows with the keys."); // 1,024 entries for a window of 64.
    }

    private void Connect(ModelSubscriber subscriber, Step step)
    {
        long? after = step.Ahead ? _rig.Window.PublishedOffset + 1 + (step.Count % 4) : step.Count == 0 ? null : Math.Max(0, _rig.Window.PublishedOffset - step.Count);
        if (!step.Snapshot)
        {
            Connect(subscriber, after);
            return;
        }

        subscriber.Sessions.Add(new ModelSession(_rig.SubscribeToSnapshot(subscriber.Set, subscriber.Signals, subscriber.Latest, subscriber.Batch), _log, _rig.History.Tail)
        {
            Signals = subscriber.Signals,
            Snapshot = subscriber.Newest,
        });
        Turn();
    }

    private void Connect(ModelSubscriber subscriber, long? after)
    {
        var head = _rig.Window.PublishedOffset;
        subscriber.Sessions.Add(new ModelSession(_rig.Subscribe(subscriber.Set, after, subscriber.Signals, subscriber.Latest, subscriber.Batch), _log, after ?? head)
        {
            Signals = subscriber.Signals,
            IsFromNow = after is null || after == head,
            IsAhead = after > head,
        });
        Turn();
    }

    private void Reconnect(ModelSubscriber subscriber)
    {
        _anyEnd = true;
        Connect(subscriber, subscriber.Last.Cursor);
    }

    private bool Turn()
    {
        var (before, now) = (_rig.Window.Tail, Now);
        _all.ForEach(subscriber => subscriber.Last.LookBefore(subscriber.HasAll(now), subscriber.IsBehind(before), before));
        var more = _rig.Turn();
        foreach (var subscriber in _all)
        {
            subscriber.Last.Read(_rig.Window.Tail, _rig.History.Tail);
            subscriber.Last.LookAfter(subscriber.HasAll(now));
            Assert.True(subscriber.Last.Connection.Closes <= 1);
        }

        Assert.True(_rig.Replayer.PagesInFlight <= _rig.Options.Delivery.ReplayPages && _rig.Replayer.CacheBytes <= _rig.Options.Delivery.ReplayCacheBytes);
        foreach (var subscriber in _current)
        {
            if (subscriber?.Last is { Connection.Reason: not null and not CloseReason.ClientClosed } ended)
            {
                ended.JudgeEnd(subscriber.MayDisconnect, _drained, subscriber.Set.Patterns.Count == 0 && subscriber.Topics.All(_ended.Contains));
                if (!_drained && ended.Connection.Reason != CloseReason.TopicsEnded)
                {
                    Reconnect(subscriber);
                    more = true;
                }
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
        for (var (steps, quiet) = (0, 0); quiet < 2; steps++) // Marks may wait for the clock before connections do.
        {
            Assert.True(steps < 80, "Something waits for longer than the longest interval.");
            _rig.Clock.Advance(TimeSpan.FromMilliseconds(100));
            Settle();
            quiet = _rig.Loop.Batching > 0 ? 0 : quiet + 1;
        }

        Assert.Empty(_rig.Logs.Errors);
        Assert.Equal((0, 0L, 0), (_rig.Loop.ExtraStates, _rig.Loop.Counters.RestBytes, _rig.Replayer.PagesInFlight));
        var alive = _current.OfType<ModelSubscriber>().ToList();
        alive.ForEach(subscriber => subscriber.Judge(Now, _drained));
        alive.ForEach(subscriber => Assert.True(_drained == subscriber.Last.Connection.Reason is not null || subscriber.Last.Connection.Reason == CloseReason.TopicsEnded));
        ModelCounters.Judge([_rig.Loop.Counters], _all, alive, exact: !_anyEnd && !_crowd);
    }
}
