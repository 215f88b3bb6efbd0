using System.Text;
using System.Text.RegularExpressions;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

/// <summary>A tenant on a hub with sealed cursors: what it publishes, when it comes back and from where is the seed's. Others do what they like, if there are any.</summary>
internal sealed partial class SealedRun : IDisposable
{
    private readonly SealedCursors _cursors = new(CursorKeyFile.Make());
    private readonly LoopRig _rig;
    private readonly Random _script;
    private readonly Random? _others;
    private readonly bool _isEphemeral; // Some of what the tenant publishes is kept nowhere. Whether that comes after a resume is up to the window, which all share: then it does not come back.
    private readonly List<TestConnection> _connections = [];
    private readonly List<(long Offset, string Payload)> _recorded = [];
    private readonly Dictionary<TestConnection, List<string>> _due = [];
    private int _published;

    public SealedRun(int seed, bool withOthers)
    {
        (_script, _others, _isEphemeral) = (new Random(seed), withOthers ? new Random(seed + 1) : null, seed % 2 == 1);
        var options = SmallHub.Small();
        options.Rules.Add(new TopicRule { Pattern = "*/kept/nowhere", History = false });
        _rig = new LoopRig(options, cursors: _cursors) { Format = seed % 3 == 0 ? WireFormat.SseJson : WireFormat.SseRaw };
        if (withOthers)
        {
            Others = _rig.Subscribe("other/**");
        }

        Connect(after: null);
        Connect(after: null);
        for (var i = 0; i < 60; i++)
        {
            Step();
        }

        _rig.Advance(TimeSpan.FromSeconds(16)); // The last words are keep-alives.
        _rig.Settle();
    }

    /// <summary>A subscriber of what the others publish.</summary>
    public TestConnection? Others { get; }

    /// <summary>All that the tenant got, with all cursors made alike.</summary>
    public IEnumerable<string> Streams => _connections.Select(static one => CursorText().Replace(Encoding.UTF8.GetString(one.Bytes), "#"));

    /// <summary>The ids of the tenant's events and of the others', by what they are ids of.</summary>
    public ILookup<string, string> Ids => Blocks().Where(static block => !IsSignal(block)).ToLookup(static block => block.Data, static block => block.LastEventId);

    /// <summary>All other cursors that anybody got.</summary>
    public IReadOnlyList<string> Places =>
        [.. Blocks().Where(IsSignal).SelectMany(static block => CursorText().Matches(block.Data).Select(static match => match.Value).Append(block.LastEventId))];

    /// <summary>What each connection had to get, and what it got.</summary>
    public IEnumerable<(IEnumerable<string> Due, IEnumerable<string> Got)> Payloads => _connections.Select(one => (
        (IEnumerable<string>)_due[one], SseReader.Parse(one.Bytes).Where(static block => !IsSignal(block)).Select(static block => Payload().Match(block.Data).Value)));

    public void Dispose()
    {
        _rig.Dispose();
        _cursors.Dispose();
    }

    private static bool IsSignal(SseEvent block) => block.Type.StartsWith("spillway-", StringComparison.Ordinal);

    [GeneratedRegex("2[0-7][0-9a-v]{25}")]
    private static partial Regex CursorText();

    [GeneratedRegex("p[0-9]+p")]
    private static partial Regex Payload();

    private IEnumerable<SseEvent> Blocks() => _connections.Concat(Others is null ? [] : [Others]).SelectMany(static one => SseReader.Parse(one.Bytes));

    private void Step()
    {
        for (var i = _others?.Next(40) ?? 0; i > 0; i--)
        {
            _rig.Publish(_others!.Next(2) == 0 ? "other/x" : "other/kept/nowhere", $"p{1_000_000 + i + (_published++ * 100)}p");
            if (_others.Next(8) == 0)
            {
                _rig.Settle();
            }
        }

        switch (_script.Next(4))
        {
            case 0 or 1:
                PublishOwn();
                break;
            case 2:
                _rig.Advance(TimeSpan.FromSeconds(16));
                break;
            case 3 when !_isEphemeral:
                ComeBack();
                break;
        }

        _rig.Settle();
    }

    private void PublishOwn()
    {
        var payload = $"p{_recorded.Count}p";
        var (topic, isKept) = _isEphemeral && _script.Next(2) == 0 ? ("own/kept/nowhere", false) : ($"own/{_script.Next(3)}", true);
        _recorded.Add((isKept ? _rig.History.NextOffset : 0, payload));
        _rig.Publish(topic, payload);
        foreach (var open in _connections.Where(static one => one.Reason is null))
        {
            _due[open].Add(payload);
        }
    }

    /// <summary>One of the tenant's connections ends, and another begins behind any id or cursor that the tenant has ever seen.</summary>
    private void ComeBack()
    {
        var left = _connections.FindAll(static one => one.Reason is null)[0];
        left.Drop();
        _rig.Settle();
        var seen = _connections.SelectMany(static one => SseReader.Parse(one.Bytes)).Select(static block => block.LastEventId).ToList();
        var position = seen.Count == 0 ? default : _cursors.Read(seen[_script.Next(seen.Count)]);
        Assert.True(seen.Count == 0 || position.Epoch == _rig.History.Epoch);
        Connect(position.Offset);
    }

    private void Connect(long? after)
    {
        var connection = _rig.Subscribe(Selectors.Of(["own/**"]), after);
        _connections.Add(connection);
        _due[connection] = [.. _recorded.Where(one => one.Offset > (after ?? _rig.History.Head)).Select(static one => one.Payload)];
        _rig.Settle();
    }
}
