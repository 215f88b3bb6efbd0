using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>
/// One seeded story of a history and its copies: events, syncs, stops of all kinds, backups, restores in place, copies that go on beside their originals, forks, also such that die
/// on the way. Every cursor that was ever given out is brought back to every one of them.
/// </summary>
internal sealed class EpochRun : IDisposable
{
    private const int MostPlaces = 4;

    private readonly Random _random;
    private readonly List<EpochPlace> _places = [];
    private readonly List<EpochPlace> _backups = [];
    private readonly Dictionary<Position, string> _given = []; // What was under an id, whoever gave it out.
    private readonly List<(Position Position, HashSet<string> Seen)> _cursors = []; // With what a subscriber has seen that holds it.
    private readonly HashSet<ulong> _epochs = [];
    private readonly bool _isGentle; // No power is lost, and nothing is written over files that are there: a history only loses what it was set back from.
    private int _payload;

    public EpochRun(int seed)
    {
        _random = new Random(seed);
        _isGentle = seed % 3 == 0;
        var limits = HistoryRig.Unlimited with { SegmentEvents = Pick(2, 5, 50) };
        _places.Add(new EpochPlace(new SimulatedDisk(seed), limits, []));
    }

    /// <summary>Cursors that an ancestor had given out and that were good, and such whose rest was lost.</summary>
    public int Resumed { get; private set; }

    public int Lost { get; private set; }

    public void Steps(int count)
    {
        for (var step = 0; step < count; step++)
        {
            var place = _places[_random.Next(_places.Count)];
            if (place.History is null)
            {
                Open(place);
            }
            else
            {
                Step(place);
            }
        }

        foreach (var place in _places)
        {
            place.Stop(kill: _random.Next(2) == 0, losePower: false);
            Open(place, mayDie: false);
            CheckCursors(place, most: int.MaxValue);
        }
    }

    public void Dispose()
    {
        _places.ForEach(static place => place.Dispose());
        _backups.ForEach(static place => place.Dispose());
    }

    private void Step(EpochPlace place)
    {
        switch (_random.Next(16))
        {
            case 0 or 1:
                place.Stop(kill: false, LosesPower(3));
                break;
            case 2:
                place.Stop(kill: true, losePower: false);
                break;
            case 3:
                place.Stop(kill: true, LosesPower(1));
                break;
            case 4 or 5:
                _backups.Add(place.Copy(_random.Next()));
                break;
            case 6 when _backups.Count > 0:
                place.Stop(kill: _random.Next(2) == 0, losePower: false);
                place.Restore(_backups[_random.Next(_backups.Count)], intoFiles: _random.Next(3) == 0 && !_isGentle);
                break;
            case 7 when _backups.Count > 0 && _places.Count < MostPlaces:
                _places.Add(_backups[_random.Next(_backups.Count)].Copy(_random.Next()));
                break;
            case 8 or 9:
                place.Sync();
                break;
            default:
                Append(place);
                break;
        }

        CheckCursors(place, most: 10);
    }

    private void Append(EpochPlace place)
    {
        var payloads = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => $"{_payload++}").ToArray();
        var seen = place.Events!;
        var first = place.Append(payloads);
        for (var i = 0; i < payloads.Length; i++)
        {
            Give(place, first + i, payloads[i], isNew: true);
            _cursors.Add((new Position(place.Epoch, first + i), [.. seen, .. payloads[..(i + 1)]]));
        }
    }

    private void Open(EpochPlace place, bool mayDie = true)
    {
        if (mayDie && _random.Next(3) == 0)
        {
            place.Disk.DiesAt = place.Disk.Steps + _random.Next(1, 25);
        }

        var asked = mayDie && _random.Next(6) == 0;
        try
        {
            place.Open(asked);
            place.Disk.DiesAt = long.MaxValue;
        }
        catch (SimulatedCrashException)
        {
            place.Stop(kill: true, LosesPower(4));
            return;
        }

        CheckContent(place);
        CheckEpoch(place, asked);
        place.Settle([.. place.ReadAfter(0).Select(static found => found.Payload)]);
        if (place.History!.NextOffset - 1 is var none && none > place.History.Head)
        {
            _cursors.Add((new Position(place.Epoch, none), [.. place.Events!])); // Of ephemeral events.
        }
    }

    private void CheckEpoch(EpochPlace place, bool asked)
    {
        var isNew = _epochs.Add(place.History!.Epoch);
        if (asked || (place.IsRestored && place.Events is not null))
        {
            Assert.True(isNew, "A copy goes on under an epoch that was used.");
        }
        else if (!place.IsRestored && !place.MayHaveBranched && place.Epoch != 0)
        {
            Assert.Equal(place.Epoch, place.History.Epoch);
        }
    }

    private void CheckContent(EpochPlace place)
    {
        var found = place.ReadAfter(0);
        foreach (var (offset, payload) in found)
        {
            Give(place, offset, payload, isNew: false);
        }

        if (place.Events is { } expected && !place.IsMixed) // A sidecar that was left beside an older segment may say less of it than it holds, until it is made again.
        {
            var payloads = found.ConvertAll(static one => one.Payload);
            Assert.Equal(place.LostPower ? expected.Where(payloads.Contains) : expected, payloads);
            Assert.Equal(place.LostPower ? expected.Take(place.Synced) : [], payloads.Take(place.LostPower ? place.Synced : 0));
        }
    }

    /// <summary>Somebody outside sees an event under an id: nothing else was, nor may ever be, under that id, or under what means the same here.</summary>
    private void Give(EpochPlace place, long offset, string payload, bool isNew)
    {
        Assert.False(_given.TryGetValue(new Position(place.History!.Epoch, offset), out var before) && (isNew || before != payload), $"{payload} has the id of {before}.");
        _given[new Position(place.History.Epoch, offset)] = payload;
        foreach (var epoch in _epochs)
        {
            var other = new Position(epoch, offset);
            Assert.False(place.History.TryFind(other, out _) && _given.TryGetValue(other, out var known) && known != payload, $"{payload} is taken for another event.");
        }
    }

    private void CheckCursors(EpochPlace place, int most)
    {
        if (place.History is null)
        {
            return;
        }

        var all = place.ReadAfter(0).ConvertAll(static one => one.Payload);
        Assert.Equal(place.Events, all);
        foreach (var (position, seen) in most >= _cursors.Count ? _cursors : _cursors.OrderBy(_ => _random.Next()).Take(most))
        {
            var isHere = place.History.TryFind(position, out var offset);
            var isKnown = isHere || offset > place.History.Tail;
            var read = place.ReadAfter(offset).ConvertAll(static one => one.Payload);
            var missing = all.Where(payload => !seen.Contains(payload));
            var isRight = !isKnown ? all.SequenceEqual(read)
                : place.IsMixed || (!isHere && !_isGentle) ? place.MayRepeat || !read.Exists(seen.Contains) // What was lost when the cursor was given may be in a copy: it lies in the gap, if one is told.
                : missing.SequenceEqual(read);
            Assert.True(isRight, $"{position} is {(isHere ? "" : "not ")}here at {offset}: {string.Join(' ', read)} instead of {string.Join(' ', missing)}.");
            (Resumed, Lost) = (Resumed + (isHere && position.Epoch != place.Epoch ? 1 : 0), Lost + (!isHere && isKnown ? 1 : 0));
        }
    }

    private bool LosesPower(int oneIn) => _random.Next(oneIn) == 0 && !_isGentle;

    private int Pick(params ReadOnlySpan<int> choices) => choices[_random.Next(choices.Length)];
}
