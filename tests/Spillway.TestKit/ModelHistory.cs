using Spillway.Events;
using Spillway.History;

namespace Spillway.TestKit;

/// <summary>The simplest history: a list. What the real one is compared with, and what hub tests run on.</summary>
internal sealed class ModelHistory : IHistory
{
    private readonly Lock _gate = new();
    private readonly List<byte[]> _records = [];
    private long _tail;

    public ulong Epoch { get; init; } = 7;

    public long Head { get; private set; }

    public long Tail
    {
        get
        {
            lock (_gate)
            {
                return _tail;
            }
        }
    }

    public long NextOffset => Head + 1;

    public long TopicCount => Snapshot(static _ => true).Select(static record => Topic(record)).Distinct().Count();

    public (long Events, long Bytes) Size
    {
        get
        {
            lock (_gate)
            {
                return (_records.Count, _records.Sum(static record => (long)record.Length));
            }
        }
    }

    public void Append(ReadOnlySpan<byte> records)
    {
        lock (_gate)
        {
            while (!records.IsEmpty)
            {
                var length = EventRecord.LengthAt(records);
                _records.Add(records[..length].ToArray());
                Head = EventRecord.OffsetOf(records);
                records = records[length..];
            }
        }
    }

    /// <summary>Forgets everything up to an offset.</summary>
    public void Forget(long upTo)
    {
        lock (_gate)
        {
            _records.RemoveAll(record => EventRecord.OffsetOf(record) <= upTo);
            _tail = Math.Max(_tail, upTo);
        }
    }

    public HistoryPage Read(SelectorSet selectors, long after, long upTo, int maxBytes)
    {
        lock (_gate)
        {
            var missing = after < _tail ? new HistoryGap(after, _tail, null, Corrupt: false) : null;
            var (bytes, to) = (new List<byte>(), Math.Max(after, upTo));
            foreach (var record in _records)
            {
                var offset = EventRecord.OffsetOf(record);
                if (offset <= after || offset > upTo || !selectors.Matches(new EventRecord(record)))
                {
                    continue;
                }

                if (bytes.Count > 0 && bytes.Count + record.Length > maxBytes)
                {
                    to = offset - 1;
                    break;
                }

                bytes.AddRange(record);
            }

            return new HistoryPage(after, to, bytes.ToArray(), missing);
        }
    }

    public long FindSince(long time) =>
        Snapshot(record => EventRecord.TimeOf(record) >= time) is [var first, ..] ? EventRecord.OffsetOf(first) - 1 : Head;

    public long FindLast(SelectorSet selectors, int count)
    {
        var selected = Select(selectors, long.MaxValue);
        return selected.Count <= count ? Tail : EventRecord.OffsetOf(selected[^(count + 1)]);
    }

    public bool HasAny(SelectorSet selectors, long after) => Select(selectors, long.MaxValue).Any(record => EventRecord.OffsetOf(record) > after);

    public ReadOnlyMemory<byte> Snapshot(SelectorSet selectors, long upTo, int maxKeys) =>
        Select(selectors, upTo)
            .GroupBy(static record => (Topic(record), Key(record)))
            .Select(static group => group.Last())
            .OrderBy(static record => EventRecord.OffsetOf(record))
            .TakeLast(maxKeys)
            .SelectMany(static record => record)
            .ToArray();

    public bool IsEnded(ReadOnlySpan<byte> topic)
    {
        var name = topic.ToArray();
        return Snapshot(record => (EventRecord.FlagsOf(record) & EventFlags.Final) != 0 && new EventRecord(record).Topic.SequenceEqual(name)).Count > 0;
    }

    public IReadOnlyList<TopicSummary> ListTopics(string prefix, string? after, int limit) => throw new NotSupportedException("Hub tests list no topics.");

    public void Trim(long now)
    {
    }

    public void Dispose()
    {
    }

    private static string Topic(byte[] record) => System.Text.Encoding.UTF8.GetString(new EventRecord(record).Topic);

    private static string Key(byte[] record) => System.Text.Encoding.UTF8.GetString(new EventRecord(record).Key);

    private List<byte[]> Select(SelectorSet selectors, long upTo) => Snapshot(record =>
        EventRecord.OffsetOf(record) <= upTo && (EventRecord.FlagsOf(record) & EventFlags.Marker) == 0 && selectors.Matches(new EventRecord(record)));

    private List<byte[]> Snapshot(Func<byte[], bool> wanted)
    {
        lock (_gate)
        {
            return [.. _records.Where(wanted)];
        }
    }
}
