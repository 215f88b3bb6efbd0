using System.Text;
using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Spillway.Tests.History;

/// <summary>One random run of a history beside the model: appends, restarts, and questions whose answers must be the model's.</summary>
internal sealed class HistoryRun : IDisposable
{
    private static readonly string[] PatternPool = ["**", "t/**", "t/*", "*/1", "t/*/1", "t/1/**", "*", "a", "*/*/*", "u/*", "t/12/*"];

    private readonly Random _random;
    private readonly ManualTimeProvider _clock = new();
    private readonly HistoryModel _model = new();
    private readonly HistoryLimits _limits;
    private readonly Func<ISegmentStore> _open;
    private readonly string[] _topics;
    private readonly int _largestPayload;
    private SegmentedHistory _history;
    private long _indexedAfter; // The index of what was dropped does not outlive the process.

    /// <param name="smallestSegment">At least so many records and 100 bytes for each: every segment of a directory is a file.</param>
    public HistoryRun(int seed, Func<ISegmentStore> open, int smallestSegment = 1)
    {
        _random = new Random(seed);
        _open = open;
        _topics = MakeTopics(Pick(4, 40, 700));
        _largestPayload = Pick(0, 300, 3_000);
        _limits = new HistoryLimits(
            MaxBytes: Pick(2_000, 50_000, 10_000_000), MaxEvents: Pick(1, 50, 1_000, 100_000), MaxMilliseconds: Pick(100, 10_000, 1_000_000_000),
            SegmentBytes: Math.Max(100 * smallestSegment, Pick(100, 1_000, 20_000, 1_000_000)), SegmentEvents: Math.Max(smallestSegment, Pick(1, 7, 100, 10_000)), SegmentMilliseconds: Pick(10, 500, 1_000_000_000),
            IndexRetention: Pick(0, 1, 1_000), IndexBytes: Pick(0, 5_000, int.MaxValue));
        _history = Open();
    }

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    public void Steps(int count)
    {
        for (var step = 0; step < count; step++)
        {
            AppendBatch();
            if (_history.IsDurable && _random.Next(3) > 0)
            {
                _history.Sync();
                _history.Settle(); // Else the keeper is at it while we ask.
            }

            CheckSizes();
            CheckReads();
            CheckFinds();
            CheckTopics();
        }
    }

    /// <summary>Closes the history and opens what is stored.</summary>
    public void Restart()
    {
        var (head, next, tail) = (_history.Head, _history.NextOffset, _history.Tail);
        _history.Dispose();
        _history = Open();
        Assert.Equal((head, next + 1, tail), (_history.Head, _history.NextOffset, Math.Min(tail, _history.Tail)));
        _indexedAfter = _history.Tail;
    }

    public void Dispose() => _history.Dispose();

    private static string[] MakeTopics(int count) =>
        [.. Enumerable.Range(0, count).Select(static i => i % 7 == 6 ? $"u/{i}" : i % 3 == 0 ? $"t/{i}" : $"t/{i}/{i % 3}"), "a", "1/1"];

    private SegmentedHistory Open() => new(_limits, _open(), _clock, NullLogger.Instance, new HistoryMetrics(null));

    private int Pick(params ReadOnlySpan<int> choices) => choices[_random.Next(choices.Length)];

    private void AppendBatch()
    {
        var records = new List<byte>();
        var offset = _history.NextOffset - 1;
        for (var i = _random.Next(0, Pick(2, 30, 1_500)); i >= 0; i--)
        {
            offset += _random.Next(20) == 0 ? _random.Next(1, 1_000) : 1;
            var added = MakeEvent(offset);
            _model.Add(added);
            records.AddRange(added.Record);
        }

        _history.Append(records.ToArray());
        _clock.Advance(TimeSpan.FromMilliseconds(Pick(0, 1, 40, 3_000)));
        if (_random.Next(4) == 0)
        {
            _history.Trim(Now);
        }

        Assert.Equal((offset, offset + 1), (_history.Head, _history.NextOffset));
    }

    private ModelEvent MakeEvent(long offset)
    {
        var names = new string[_random.Next(5) == 0 ? _random.Next(2, 17) : 1];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = _topics[_random.Next(_topics.Length)];
        }

        var flags = _random.Next(40) switch
        {
            0 => EventFlags.Marker,
            1 => EventFlags.Final,
            < 12 => EventFlags.Private,
            _ => EventFlags.None,
        };
        var time = Now - (_random.Next(50) == 0 ? _random.Next(100) : 0);
        return ModelEvent.Make(offset, time, names, _random.Next(3) == 0 ? $"k{_random.Next(3)}" : null, flags, _random.Next(_largestPayload + 1));
    }

    private SelectorSet RandomSelectors()
    {
        var selectors = new List<string>();
        for (var i = _random.Next(0, Pick(2, 60)); i >= 0; i--)
        {
            selectors.Add(_random.Next(3) == 0 ? PatternPool[_random.Next(PatternPool.Length)] : _random.Next(9) == 0 ? "none" : _topics[_random.Next(_topics.Length)]);
        }

        return HistoryRig.Select([.. selectors]);
    }

    private long RandomOffset() => _random.Next(4) == 0 ? _history.Tail + _random.Next(-2, 3) : _random.NextInt64(_history.Head + 2);

    private void CheckSizes()
    {
        var kept = _model.All.Where(kept => kept.Offset > _history.Tail).ToList();
        Assert.Equal((kept.Count, kept.Sum(static kept => (long)kept.Record.Length)), _history.Size);
        var most = kept.Count == 0 ? 0 : kept.Max(static kept => kept.Record.Length);
        Assert.True(kept.Count <= Math.Max(_limits.MaxEvents, _limits.SegmentEvents), "More events than the bound and one segment.");
        Assert.True(_history.Size.Bytes <= Math.Max(_limits.MaxBytes, Math.Max(_limits.SegmentBytes, most)), "More bytes than the bound and one segment.");

        // Nothing went that a bound had room for: with one segment more, one of the three would be exceeded.
        var gone = _model.All.LastOrDefault(gone => gone.Offset <= _history.Tail);
        var (events, bytes) = (kept.Count + _limits.SegmentEvents, _history.Size.Bytes + Math.Max(_limits.SegmentBytes, _model.All.Max(static one => one.Record.Length)));
        Assert.True(gone is null || events > _limits.MaxEvents || bytes > _limits.MaxBytes || gone.Time < Now - _limits.MaxMilliseconds, "Dropped too much.");
    }

    private void CheckReads()
    {
        var selectors = RandomSelectors();
        var (after, upTo, maxBytes) = (RandomOffset(), _random.Next(3) == 0 ? RandomOffset() : _history.Head, Pick(1, 500, 5_000, int.MaxValue));
        var limit = Math.Min(upTo, _history.Head);
        var expected = _model.Between(selectors, Math.Max(after, _history.Tail), limit);
        var found = new List<byte[]>();
        for (var from = after; from < limit;)
        {
            var page = _history.Read(selectors, from, upTo, maxBytes);
            CheckGap(page.Missing, selectors, from, limit);
            Assert.True(page.From == from && page.To > from && page.To <= limit, "A page of nothing.");
            Assert.True(page.Records.Length <= maxBytes || HistoryRig.Divide(page.Records).Count() == 1, "A page too large.");
            found.AddRange(HistoryRig.Divide(page.Records));
            Assert.True(page.To == limit || page.Records.Length + expected[found.Count].Record.Length > maxBytes, "A page that had room for more.");
            from = page.To;
        }

        Assert.Equal(expected.Select(static kept => kept.Offset), found.Select(static record => EventRecord.OffsetOf(record)));
        Assert.All(expected.Zip(found), static pair => Assert.Equal(pair.First.Record[8..], pair.Second[8..])); // Between 4 and 8 a directory writes checksums.
    }

    private void CheckGap(HistoryGap? gap, SelectorSet selectors, long from, long limit)
    {
        var to = Math.Min(limit, _history.Tail);
        var count = from < to ? _model.CountEvents(selectors, from, to) : 0;
        var isKnown = _limits is { IndexRetention: 1_000, IndexBytes: int.MaxValue } && from >= _indexedAfter;
        if (gap is null)
        {
            Assert.Equal(0, count);
            return;
        }

        Assert.Equal((from, to, false), (gap.From, gap.To, gap.Corrupt));
        Assert.True(gap.Count == count || (gap.Count is null && !isKnown), $"{gap.Count} instead of {count}.");
        Assert.NotEqual(0, gap.Count);
    }

    private void CheckFinds()
    {
        var selectors = RandomSelectors();
        var time = Now - _random.Next(Pick(10, 100_000)) + 2;
        Assert.Equal(_model.FindSince(time, _history.Tail), _history.FindSince(time));
        var count = _random.Next(1, Pick(3, 100));
        Assert.Equal(_model.FindLast(selectors, count, _history.Tail), _history.FindLast(selectors, count));

        // What followed and is gone counts, and so does what nobody knows any more.
        var after = RandomOffset();
        var gone = after < _history.Tail ? _history.Read(selectors, after, _history.Tail, 1).Missing : null;
        Assert.Equal(gone is not null || _model.CountEvents(selectors, Math.Max(after, _history.Tail), _history.Head) > 0, _history.HasAny(selectors, after));

        var (upTo, keys) = (RandomOffset(), Pick(1, 5, 10_000));
        var newest = _model.Snapshot(selectors, _history.Tail, upTo);
        var snapshot = _history.Snapshot(selectors, upTo, keys, int.MaxValue);
        Assert.Equal(newest.TakeLast(keys), HistoryRig.Offsets(snapshot.Records));
        Assert.Equal(newest.Length > keys ? newest[^(keys + 1)] : null, snapshot.Missing?.To);
    }

    private void CheckTopics()
    {
        var expected = _model.Topics(_history.Tail).ToList();
        Assert.Equal(expected.Count, _history.TopicCount);
        Assert.All(_topics, topic => Assert.Equal(
            expected.Any(kept => kept.Name == topic && kept.Ended), _history.IsEnded(Encoding.UTF8.GetBytes(topic))));

        var (prefix, after, limit) = (_random.Next(2) == 0 ? "" : "t/1", _random.Next(2) == 0 ? null : _topics[_random.Next(_topics.Length)], Pick(1, 10, 1_000));
        var isOdd = _random.Next(2) == 0;
        Assert.Equal(
            expected.Where(kept => kept.Name.StartsWith(prefix, StringComparison.Ordinal) && (!isOdd || kept.Name[^1] % 2 == 1) && (after is null || string.CompareOrdinal(kept.Name, after) > 0)).Take(limit),
            _history.ListTopics(prefix, after, limit, isOdd ? static name => name[^1] % 2 == 1 : null).Select(static topic => (topic.Topic, topic.Events, topic.LastTime, topic.Ended)));
    }
}
