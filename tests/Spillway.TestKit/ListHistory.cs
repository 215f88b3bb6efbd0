using Spillway.Events;
using Spillway.History;

namespace Spillway.TestKit;

/// <summary>History as a list: slow, plain, and right at a glance. It fails when a test says so.</summary>
internal sealed class ListHistory : IHistory
{
    private readonly Lock _lock = new();
    private readonly List<byte[]> _records = [];

    public ulong Epoch { get; init; } = 7;

    public long Head { get; private set; }

    public long Tail => 0;

    public long NextOffset { get; set; } = 1;

    /// <summary>What <see cref="Append"/> throws, as long as it is set.</summary>
    public Exception? Fault { get; set; }

    /// <summary>How many records <see cref="Append"/> writes before it throws.</summary>
    public int WrittenBeforeFault { get; set; }

    /// <summary>Calls of <see cref="Append"/> that worked.</summary>
    public int Appends { get; private set; }

    public (long Events, long Bytes) Size => (Records.Count, Records.Sum(static record => (long)record.Length));

    public long TopicCount => Records.Select(TopicOf).Distinct().LongCount();

    public IReadOnlyList<byte[]> Records
    {
        get
        {
            lock (_lock)
            {
                return [.. _records];
            }
        }
    }

    public bool IsDurable { get; set; }

    public long Synced { get; private set; }

    /// <summary>What happens during a sync, before its end.</summary>
    public Action? OnSync { get; set; }

    /// <summary>What happens before anything is written.</summary>
    public Action? OnAppend { get; set; }

    /// <summary>What happens before anything is looked up by its time, as at a start.</summary>
    public Action? OnFindSince { get; set; }

    public void Sync()
    {
        var head = Head;
        OnSync?.Invoke();
        Synced = head;
    }

    public void Append(ReadOnlySpan<byte> records)
    {
        OnAppend?.Invoke();
        var left = Fault is null ? int.MaxValue : WrittenBeforeFault;
        lock (_lock)
        {
            foreach (var record in RecordingSink.Split(records))
            {
                if (left-- == 0)
                {
                    break;
                }

                var offset = EventRecord.OffsetOf(record);
                if (offset <= Head || offset < NextOffset || EventRecord.FlagsOf(record).HasFlag(EventFlags.Ephemeral))
                {
                    throw new InvalidOperationException($"A record with offset {offset} must not come after {Head}.");
                }

                _records.Add(record);
                (Head, NextOffset) = (offset, offset + 1);
            }
        }

        if (Fault is not null)
        {
            throw Fault;
        }

        Appends++;
    }

    public HistoryPage Read(SelectorSet selectors, long after, long upTo, int maxBytes)
    {
        var page = new List<byte>();
        foreach (var record in Records.Where(record => IsSelected(record, selectors)))
        {
            var offset = EventRecord.OffsetOf(record);
            if (offset <= after || offset > upTo)
            {
                continue;
            }

            if (page.Count > 0 && page.Count + record.Length > maxBytes)
            {
                return new HistoryPage(after, offset - 1, page.ToArray(), null);
            }

            page.AddRange(record);
        }

        return new HistoryPage(after, upTo, page.ToArray(), null);
    }

    public long FindSince(long time)
    {
        OnFindSince?.Invoke();
        return Records.TakeWhile(record => EventRecord.TimeOf(record) < time).Select(static record => EventRecord.OffsetOf(record)).LastOrDefault();
    }

    public long FindLast(SelectorSet selectors, int count)
    {
        var events = Records.Where(record => IsSelected(record, selectors) && !EventRecord.FlagsOf(record).HasFlag(EventFlags.Marker)).ToList();
        return events.Count < count ? 0 : EventRecord.OffsetOf(events[^count]) - 1;
    }

    public long MayLackUpTo(long after) => after; // No rule takes anything.

    public bool HasAny(SelectorSet selectors, long after) => FindLast(selectors, 1) >= after && Head > after;

    public HistoryPage Newest(SelectorSet selectors, long after, long upTo, int maxKeys, int maxBytes) => throw new NotSupportedException("No test here asks for a snapshot.");

    public bool IsEnded(ReadOnlySpan<byte> topic)
    {
        foreach (var record in Records)
        {
            if (EventRecord.FlagsOf(record).HasFlag(EventFlags.Final) && new EventRecord(record).Topic.SequenceEqual(topic))
            {
                return true;
            }
        }

        return false;
    }

    public IReadOnlyList<TopicSummary> ListTopics(string prefix, string? after, int limit, Func<ReadOnlySpan<byte>, bool>? isShown) => throw new NotSupportedException("No test here lists topics.");

    public void Dispose()
    {
    }

    private static string TopicOf(byte[] record) => System.Text.Encoding.UTF8.GetString(new EventRecord(record).Topic);

    private static bool IsSelected(byte[] record, SelectorSet selectors) => selectors.Matches(new EventRecord(record));
}
