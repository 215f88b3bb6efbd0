using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>A history of small segments under a clock that stands still, with short ways to append and to ask.</summary>
internal sealed class HistoryRig : IDisposable
{
    public static readonly HistoryLimits Unlimited = new(
        MaxBytes: long.MaxValue, MaxEvents: long.MaxValue, MaxMilliseconds: long.MaxValue / 2, SegmentBytes: 1024 * 1024, SegmentEvents: 10,
        SegmentMilliseconds: long.MaxValue, IndexRetention: 1_000, IndexBytes: long.MaxValue);

    public HistoryRig(HistoryLimits? limits = null, ISegmentStore? store = null, MetricCollector? metrics = null, LogCollector? logs = null)
    {
        History = new SegmentedHistory(limits ?? Unlimited, store ?? new MemoryStore(), Clock, logs?.CreateLogger("History") ?? NullLogger.Instance, new HistoryMetrics(metrics));
    }

    public ManualTimeProvider Clock { get; } = new();

    public SegmentedHistory History { get; }

    public long Now => Clock.GetUtcNow().ToUnixTimeMilliseconds();

    public static SelectorSet Select(params string[] selectors) => new(
        selectors.Where(static selector => !selector.Contains('*', StringComparison.Ordinal)),
        selectors.Where(static selector => selector.Contains('*', StringComparison.Ordinal))
            .Select(static text => TopicPattern.TryParse(text, out var pattern, out var fault) ? pattern! : throw new ArgumentException(fault)));

    public static long[] Offsets(ReadOnlyMemory<byte> records) => [.. Divide(records).Select(static record => EventRecord.OffsetOf(record))];

    public static IEnumerable<byte[]> Divide(ReadOnlyMemory<byte> records)
    {
        while (!records.IsEmpty)
        {
            var length = EventRecord.LengthAt(records.Span);
            yield return records[..length].ToArray();
            records = records[length..];
        }
    }

    /// <summary>Appends one event and returns its offset.</summary>
    public long Append(string topic, string? key = null, string[]? alternates = null, EventFlags flags = EventFlags.None, int payload = 0, TimeSpan? ttl = null)
    {
        var offset = History.NextOffset;
        History.Append(Record(offset, topic, key, alternates, flags, payload, ttl));
        return offset;
    }

    /// <summary>Appends so many events to a few topics.</summary>
    public void AppendMany(int events)
    {
        for (var i = 0; i < events; i++)
        {
            Append($"t/{i % 3}");
        }
    }

    /// <summary>Checks where a position of some epoch is in the history.</summary>
    public void CheckFind(ulong epoch, long position, bool isHere, long offset) =>
        Assert.Equal((isHere, offset), (History.TryFind(new Position(epoch, position), out var found), found));

    public byte[] Record(long offset, string topic, string? key = null, string[]? alternates = null, EventFlags flags = EventFlags.None, int payload = 0, TimeSpan? ttl = null) => Records.Make(
        new PushEvent { Topic = topic, Key = key, Alternates = alternates ?? [], Payload = new byte[payload], Ttl = ttl }, offset, Now, flags);

    /// <summary>The offsets of everything selected after an offset.</summary>
    public long[] Read(long after, params string[] selectors) => Offsets(History.Read(Select(selectors), after, History.Head, int.MaxValue).Records);

    public void Dispose() => History.Dispose();
}
