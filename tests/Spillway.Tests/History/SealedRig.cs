using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>A directory of segments of ten events each: topics t/0 to t/4, and one event that ends its topic.</summary>
internal sealed class SealedRig : IDisposable
{
    public TemporaryDirectory Directory { get; } = new();

    public LogCollector Logs { get; } = new();

    public MetricCollector Metrics { get; } = new();

    public string Path => Directory.Path;

    public string[] Segments => Directory.Segments;

    public string[] Sidecars => [.. System.IO.Directory.GetFiles(Path, "*.index").Order(StringComparer.Ordinal)];

    /// <summary>Leaves the directory with so many events, closed properly.</summary>
    public void Fill(int events, int payload = 0)
    {
        using var rig = new HistoryRig(store: DirectoryStore.Open(Path, Logs.CreateLogger("History")));
        Append(rig, events, payload);
    }

    public HistoryRig Open(IDisk? disk = null, HistoryLimits? limits = null) => new(
        limits, DirectoryStore.Open(Path, disk ?? new WatchedDisk(Path), DirectoryLock.Acquire(Path), Logs.CreateLogger("History")), Metrics, Logs);

    public static void Append(HistoryRig rig, int events, int payload = 0)
    {
        for (var i = 0; i < events; i++)
        {
            var offset = rig.History.NextOffset;
            _ = offset == 21 ? rig.Append("end", flags: EventFlags.Final, payload: payload) : rig.Append($"t/{offset % 5}", key: "k", payload: payload);
        }
    }

    public static void Check(HistoryRig rig, int events)
    {
        Assert.Equal(Enumerable.Range(1, events).Select(static i => (long)i), rig.Read(0, "**"));
        Assert.Equal(Enumerable.Range(1, events).Where(static i => i % 5 == 2).Select(static i => (long)i), rig.Read(0, "t/2"));
        Assert.Equal((21L, true), (rig.Read(0, "end").Single(), rig.History.IsEnded("end"u8)));
        Assert.Equal(Enumerable.Range(1, events).Last(static i => i % 5 == 1 && i != 21) - 1, rig.History.FindLast(HistoryRig.Select("t/1"), 1));
    }

    public static (List<long> Offsets, List<HistoryGap> Gaps) ReadAll(HistoryRig rig, string selector)
    {
        var (offsets, gaps) = (new List<long>(), new List<HistoryGap>());
        for (var after = 0L; after < rig.History.Head;)
        {
            var page = rig.History.Read(HistoryRig.Select(selector), after, rig.History.Head, 500);
            offsets.AddRange(HistoryRig.Offsets(page.Records));
            if (page.Missing is { } gap)
            {
                gaps.Add(gap);
            }

            Assert.True(page.To > after);
            after = page.To;
        }

        return (offsets, gaps);
    }

    /// <summary>Damages the payload of a record.</summary>
    public static void Damage(string path, int record)
    {
        var bytes = File.ReadAllBytes(path);
        var at = SegmentHeader.Length;
        for (var i = 0; i < record; i++)
        {
            at += EventRecord.LengthAt(bytes.AsSpan(at));
        }

        bytes[at + EventRecord.LengthAt(bytes.AsSpan(at)) - 1] ^= 0x40;
        File.WriteAllBytes(path, bytes);
    }

    public void Dispose()
    {
        Metrics.Dispose();
        Logs.Dispose();
        Directory.Dispose();
    }
}
