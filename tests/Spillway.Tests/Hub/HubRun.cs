using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;
using Spillway.Tests.Delivery.Model;

namespace Spillway.Tests.Hub;

/// <summary>One random history of a hub: who publishes, who subscribes, which rules come and go.</summary>
internal sealed class HubRun : IAsyncDisposable
{
    private const int Publishers = 2;

    private static readonly string[] Patterns = ["a/*", "**", "*/0", "b/**"];
    private static readonly TopicRule FinRule = new() { Pattern = "fin", Overflow = OverflowPolicy.Replay, Priority = EventPriority.Critical };

    private readonly int _seed;
    private readonly Random _random;
    private readonly World _world;
    private readonly ModelLog _log = new(); // Its lock is the order of everything that is published.
    private readonly List<ModelRules> _rules = [];
    private readonly HubHarness _harness;
    private readonly List<HubSubscriber> _subscribers;
    private readonly int _total;
    private readonly int _changes;
    private readonly bool _drains;
    private bool _isOver;

    public HubRun(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        _world = new World(_random.Next(4) == 0 ? 1 : 0);
        _total = _random.Next(300, _world.IsLarge ? 500 : 900);
        _changes = _random.Next(2) == 0 ? 0 : _random.Next(1, 12);
        _drains = _random.Next(4) == 0;
        var options = _world.MakeOptions();
        options.Delivery.WindowEvents = 32 << _random.Next(4);
        options.Delivery.Loops = _random.Next(1, 4);
        options.Delivery.ReplayPages = _random.Next(1, 5);
        options.Delivery.ReplayReaders = _random.Next(1, 3);
        options.Delivery.ReplayCacheBytes = _random.Next(2) * 256 * 1024;
        options.History.MaxEvents = _random.Next(3) == 0 ? 160 : options.History.MaxEvents;
        foreach (var rule in RandomRules())
        {
            options.Rules.Add(rule);
        }

        _harness = new HubHarness(options, seed, faultRate: _random.Next(3) * 0.2);
        _subscribers = [.. Enumerable.Range(0, _random.Next(4, 16)).Select(MakeSubscriber)];
    }

    public async Task JudgeAsync()
    {
        var running = _subscribers.Select(subscriber => Task.Run(() => subscriber.RunAsync(_total, () => Volatile.Read(ref _isOver)), TestContext.Current.CancellationToken)).ToList();
        await RunAllAsync([.. Enumerable.Range(0, Publishers).Select(i => Task.Run(() => PublishAsync(new Random((_seed * 7) + i)))), Task.Run(ChangeAsync)], "publishing");
        _harness.Heal();
        if (_drains)
        {
            _harness.Hub.Loops.ToList().ForEach(static loop => loop.Post(new LoopCommand(LoopCommandKind.Drain)));
        }
        else
        {
            await FinishAsync(running);
        }

        Volatile.Write(ref _isOver, !_drains);
        await RunAllAsync(running, "the subscribers");
        Judge();
    }

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    private async Task RunAllAsync(List<Task> tasks, string what)
    {
        await _harness.UntilAsync(() => tasks.TrueForAll(static task => task.IsCompleted), what);
        await Task.WhenAll(tasks);
    }

    private async Task FinishAsync(List<Task> running)
    {
        bool IsBroken() => running.Exists(static task => task.IsFaulted);
        await _harness.UntilAsync(() => IsBroken() || _subscribers.TrueForAll(static subscriber => subscriber.IsSettled), "the last connections"); // Whoever came later would be owed nothing.
        for (var i = 0; i < 2; i++)
        {
            // Twice: the first may be the end of a replay, behind which its loop tells what was missed.
            var sentinel = Encoding.UTF8.GetBytes($"data: {_log.Count} ");
            Publish([new Step(Act.Publish)], "fin");
            await _harness.UntilAsync(() => IsBroken() || _subscribers.TrueForAll(subscriber => subscriber.HasLast(sentinel)), "the last event");
            await Task.WhenAll(running.Where(static task => task.IsFaulted)); // What broke a subscriber is the fault, not that its last event never comes.
        }
    }

    private void Judge()
    {
        var now = _harness.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var subscriber in _subscribers)
        {
            subscriber.Read();
            Assert.Empty(subscriber.Surprises);
            subscriber.Model.Judge(now, _drains);
        }

        Assert.True(_harness.Hub.Replayer.PagesInFlight <= _harness.Options.Delivery.ReplayPages);
        var all = _subscribers.ConvertAll(static subscriber => subscriber.Model);
        ModelCounters.Judge(
            [.. _harness.Hub.Loops.Select(static loop => loop.Counters)], all, all, exact: !_drains && _subscribers.TrueForAll(static subscriber => subscriber.Model.Sessions.Count == 1));
    }

    private HubSubscriber MakeSubscriber(int number)
    {
        var topics = Step.Topics.Where(_ => _random.Next(3) == 0).Append("fin");
        var set = Selectors.Of(topics.Concat(Patterns.Where(_ => _random.Next(6) == 0)));
        var model = new ModelSubscriber(set, latest: _random.Next(5) == 0, signals: _random.Next(12) > 0, batch: _random.Next(6) == 0 ? TimeSpan.FromMilliseconds(_random.Next(10, 2_000)) : null, _log, _rules);
        return new HubSubscriber(_harness, _log, model, _random.Next(2) == 0 ? 0 : _random.Next(1, 4), new Random((_seed * 100) + number));
    }

    private List<TopicRule> RandomRules()
    {
        List<TopicRule> rules = [FinRule, .. ScriptRules.Of(Script.RandomRules(_random))];
        _rules.Add(new ModelRules(rules));
        return rules;
    }

    private async Task PublishAsync(Random random)
    {
        while (_log.Count < _total)
        {
            Publish([.. Enumerable.Range(0, random.Next(1, random.Next(4) == 0 ? 40 : 4)).Select(_ => RandomEvent(random))], topic: null);
            await Task.Yield();
        }
    }

    private Step RandomEvent(Random random)
    {
        var step = Script.RandomStep(random, Act.Publish);
        return step with { Size = random.Next(12) > 0 ? step.Size % 100 : _world.IsLarge && random.Next(20) == 0 ? 100_000 : step.Size % 14_000 };
    }

    private void Publish(IReadOnlyList<Step> steps, string? topic)
    {
        lock (_log)
        {
            var now = _harness.Clock.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var step in steps)
            {
                var source = topic is null ? step.Event(_log.Count, _world.MostBytes) : new PushEvent { Topic = topic, Payload = step.Payload(_log.Count, 0) };
                var rule = _rules[^1].For(source.Topic);
                var (offset, ephemeral) = _harness.Publish(source);
                _log.Add(new ModelEvent(
                    _log.Count, source, offset, ephemeral, _harness.Hub.Window.Head, source.Priority ?? rule.Priority, (source.Ttl ?? rule.Ttl) is { } ttl ? now + (long)ttl.TotalMilliseconds : long.MaxValue,
                    _rules.Count - 1));
            }
        }
    }

    /// <summary>Time passes, and other rules come.</summary>
    private async Task ChangeAsync()
    {
        for (var i = 1; i <= 20; i++)
        {
            var until = _total * i / 21;
            await _harness.UntilAsync(() => _log.Count >= until, "the publishers");
            lock (_log)
            {
                _harness.Clock.Advance(TimeSpan.FromMilliseconds(_random.Next(4) == 0 ? _random.Next(4_000) : _random.Next(200)));
                if (_changes > 0 && _random.Next(20 / _changes + 1) == 0)
                {
                    Assert.True(_harness.Hub.Dispatcher.TryChangeRules(RandomRules(), out var fault), fault);
                }
            }
        }
    }
}
