using System.Globalization;
using System.Text;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery.Model;

/// <summary>One random history of connections that change their sets, on one thread: where each set begins and ends is told, and between the two comes what is in it.</summary>
internal sealed class SetChangeRun : IDisposable
{
    private const int Crowd = 65; // So many that their topic is swept.

    private static readonly string[] Topics = ["a", "b", "c/1", "c/2", "d", "e"];
    private static readonly string[] Pool = [.. Topics, "c/*", "*/1", "**"];

    private readonly Random _random;
    private readonly LoopRig _rig;
    private readonly List<SetChanger> _changers = [];
    private readonly List<(long Offset, string Topic)> _published = [];
    private readonly int _largest;
    private readonly int _crowd;

    public SetChangeRun(int seed)
    {
        _random = new Random(seed);
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = 32 << _random.Next(3);
        options.Delivery.WindowBytes = _random.Next(2) == 0 ? 64 * 1024 : 1024 * 1024;
        options.Delivery.ReplayReaders = 0; // LoopRig.Turn makes the pages.
        options.Delivery.ReplayPages = _random.Next(1, 3);
        options.Delivery.ReplayCacheBytes = _random.Next(2) * 256 * 1024;
        options.Rules.Add(new TopicRule { Pattern = "e", History = false, Overflow = OverflowPolicy.DropOldest });
        _largest = options.Delivery.WindowBytes > 64 * 1024 ? 20_000 : 3_000;
        _rig = new LoopRig(options);
        _crowd = _random.Next(10) == 0 ? Crowd : 0;
        for (var i = 0; i < _crowd; i++)
        {
            _rig.Subscribe("a");
        }
    }

    /// <summary>How many sets were changed.</summary>
    public int Changes => _changers.Sum(static changer => changer.Sets.Count - 1);

    public async Task JudgeAsync()
    {
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            Publish();
            var set = RandomSet();
            long? after = _random.Next(3) == 0 ? 0 : null;
            _changers.Add(new SetChanger(_rig, _rig.Subscribe(Selectors.Of(set), after), set, after ?? _rig.Window.PublishedOffset, _published.Count));
            _rig.Turn();
        }

        for (var step = _random.Next(20, 80); step > 0; step--)
        {
            Do(_changers[_random.Next(_changers.Count)]);
        }

        foreach (var changer in _changers)
        {
            _rig.Release(changer.Connection);
            Settle();
            changer.TryChange([.. Topics]);
        }

        Settle();
        Publish();
        Settle();
        _changers.ForEach(static changer => changer.End());
        Settle();
        Assert.Empty(_rig.Logs.Errors);
        Assert.Equal(0, _rig.Loop.ExtraStates);
        foreach (var changer in _changers)
        {
            await changer.JudgeAsync(_published);
        }

        var held = _rig.Dispatcher.Resolve(Selectors.Of(Pool), 0)!.Strands;
        Assert.Equal(held.Length + _crowd, held.Sum(_rig.References)); // No set that was changed has kept any.
    }

    public void Dispose() => _rig.Dispose();

    /// <summary>Whether a set has a topic.</summary>
    public static bool Has(string[] set, string topic) => Selectors.Of(set).MayMatch(Encoding.UTF8.GetBytes(topic));

    private void Do(SetChanger changer)
    {
        switch (_random.Next(8))
        {
            case 0 or 1:
                Publish();
                break;
            case 2:
                changer.TryChange(RandomSet());
                break;
            case 3:
                changer.TrySay();
                break;
            case 4:
                (changer.Connection.Stalled, changer.Connection.Room) = (false, _random.Next(3) switch { 0 => _random.Next(60), 1 => _random.Next(400), _ => _random.Next(30_000) });
                _rig.Sink.Resume();
                break;
            case 5:
                _rig.Release(changer.Connection);
                break;
            case 6:
                _rig.Loop.Turn(); // Without pages: they come late.
                break;
            default:
                _rig.Turn();
                break;
        }
    }

    private void Publish()
    {
        for (var i = _random.Next(12); i > 0; i--)
        {
            var topic = Topics[_random.Next(Topics.Length)];
            var size = _random.Next(3) == 0 ? _random.Next(_largest) : 3;
            _rig.Publish(new PushEvent { Topic = topic, Payload = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_published.Count} {new string('x', size)}")) });
            _published.Add((_rig.History.Head, topic));
        }
    }

    private void Settle()
    {
        for (var turns = 0; _rig.Turn(); turns++)
        {
            Assert.True(turns < 1_000, "The loop does not come to an end.");
        }
    }

    private string[] RandomSet()
    {
        string[] pool = [.. Pool];
        _random.Shuffle(pool);
        return pool[.._random.Next(1, 4)];
    }
}
