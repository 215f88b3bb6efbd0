using System.Buffers.Binary;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History.Format;

/// <summary>docs/history-format.md says of the files what is in them: readers that were written from that page alone understand what the product wrote.</summary>
public sealed class FormatTests : IDisposable
{
    private readonly FormatRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Segments_WrittenByTheProduct_AreReadFromThePage()
    {
        var segments = _rig.Directory.Segments.Select(static path => new FormatSegment(path)).ToArray();

        Assert.Equal([FormatRig.SegmentEvents, _rig.Written.Count - FormatRig.SegmentEvents], segments.Select(static segment => segment.Records.Count));
        Assert.Equal([0L, FormatRig.SegmentEvents], segments.Select(static segment => segment.Before));
        Assert.True(segments[0].Number < segments[1].Number);
        Assert.NotEqual(segments[0].Seed, segments[1].Seed);
        Assert.All(segments, segment => Assert.Equal(_rig.History.History.Epoch, segment.Epoch));
        Assert.All(segments, static segment => Assert.InRange(segment.Synced, 0, segment.Before));
        Assert.All(_rig.Written.Zip(segments.SelectMany(static segment => segment.Records)), static pair => AssertEqual(pair.First, pair.Second));
    }

    [Fact]
    public void State_WhileOpenAndAfterAStop_IsReadFromThePage()
    {
        var open = new FormatState(_rig.StatePath);
        var epoch = _rig.History.History.Epoch;
        _rig.History.Dispose();
        var closed = new FormatState(_rig.StatePath);

        Assert.Equal((epoch, 0L), (open.Epoch, open.Next));
        Assert.InRange(open.UsedUpTo, _rig.Written.Count, long.MaxValue);
        Assert.Equal((epoch, _rig.Written.Count + 1L), (closed.Epoch, closed.Next));
        Assert.True(closed.Number > open.Number);
        Assert.Equal([], closed.Ancestors);
    }

    [Fact]
    public async Task State_OfACopy_NamesItsAncestorAndItsOwnFile()
    {
        var epoch = _rig.History.History.Epoch;
        _rig.History.Dispose();
        using var directory = new TemporaryDirectory();
        _rig.Directory.CopyTo(directory);
        ulong branch;
        using (var history = new HistoryRig(store: DirectoryStore.Open(directory.Path, NullLogger.Instance)))
        {
            branch = history.History.Epoch;
        }

        var (state, newest) = (new FormatState(Path.Combine(directory.Path, "state")), new FormatSegment(directory.Segments[^1]));

        Assert.Equal((branch, (epoch, (long)_rig.Written.Count)), (state.Epoch, Assert.Single(state.Ancestors)));
        Assert.Equal((branch, epoch, (long)_rig.Written.Count), (newest.Epoch, newest.Parent, newest.Before));
        Assert.Equal(0ul, new FormatSegment(directory.Segments[0]).Parent);
        if (OperatingSystem.IsLinux())
        {
            using var stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%i %.9W", Path.Combine(directory.Path, "state")]) { RedirectStandardOutput = true })!;
            var said = (await stat.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split(' ', '.', '\n');
            Assert.Equal((said[0], said[1] + said[2]), ($"{state.FileNumber}", $"{state.FileBirth}"));
        }
    }

    [Fact]
    public void Sidecar_OfAFullSegment_SaysWhatTheSegmentHolds()
    {
        var segment = new FormatSegment(_rig.Directory.Segments[0]);
        var sidecar = new FormatSidecar(_rig.SidecarPath);

        var events = segment.Records.Where(static record => (record.Flags & 8) == 0).ToArray();
        Assert.Equal(
            (segment.Epoch, segment.Number, segment.Seed, segment.Before, FormatRig.SegmentEvents),
            (sidecar.Epoch, sidecar.Number, sidecar.Seed, sidecar.Before, sidecar.Last));
        Assert.Equal((segment.Records.Min(static record => record.Time), segment.Records.Max(static record => record.Time)), (sidecar.LeastTime, sidecar.GreatestTime));
        Assert.Equal((segment.Records.Sum(static record => (long)record.Length), segment.FileLength), (sidecar.RecordBytes, sidecar.FileLength));
        Assert.Equal((events.Count(static record => (record.Flags & 1) == 0), events.Count(static record => (record.Flags & 1) != 0)), ((int)sidecar.PublicEvents, (int)sidecar.PrivateEvents));
        Assert.Equal((0, 0), (sidecar.Holes, sidecar.DamagedStretches));
        Assert.Equal([(2L, "end/a"), (3L, "end/b")], sidecar.Ends);
        Assert.Equal(sidecar.Topics.Select(static topic => FormatSidecar.Hash(topic.Name, 0)).Order(), sidecar.Sketch);
    }

    [Fact]
    public void Sidecar_Topics_AreThoseOfTheRecords()
    {
        var records = new FormatSegment(_rig.Directory.Segments[0]).Records;
        var sidecar = new FormatSidecar(_rig.SidecarPath);

        var expected = records.SelectMany(static (record, number) => record.Topics.Select(topic => (Topic: topic, Number: number, Record: record)))
            .GroupBy(static entry => entry.Topic, StringComparer.Ordinal).OrderBy(static topic => topic.Key, Comparer<string>.Create(CompareBytes)).ToArray();
        Assert.True(expected.Length > 64); // Three pieces.
        Assert.Equal(expected.Select(static topic => topic.Key), sidecar.Topics.Select(static topic => topic.Name));
        foreach (var (wanted, topic) in expected.Zip(sidecar.Topics))
        {
            Assert.Equal(wanted.Select(static entry => entry.Number), topic.Records);
            Assert.Equal(wanted.Count(static entry => (entry.Record.Flags & 9) == 0), topic.PublicEvents);
            Assert.Equal(wanted.Count(static entry => (entry.Record.Flags & 9) == 1), topic.PrivateEvents);
            Assert.True(sidecar.MayHold(topic.Name));
        }

        Assert.InRange(Enumerable.Range(0, 1_000).Count(i => sidecar.MayHold($"nowhere/{i}")), 0, 100);
    }

    [Fact]
    public void Sidecar_Records_AreThoseOfTheSegment()
    {
        var records = new FormatSegment(_rig.Directory.Segments[0]).Records;
        var sidecar = new FormatSidecar(_rig.SidecarPath);

        Assert.Equal(records.Select(static record => (record.Offset, record.Start - 128, record.Length)), sidecar.Records.Select(static entry => (entry.Offset, entry.Start, entry.Length)));
        Assert.Equal(records.Select(static record => ((record.Flags & 8) / 8) + ((record.Flags & 1) * 2) + (record.Topics.Count() > 1 ? 4 : 0)), sidecar.Records.Select(static entry => entry.Bits));
        Assert.Equal(records[..256].Min(static record => record.Time), sidecar.Records[0].LeastTime);
        Assert.Equal(records[256..].Min(static record => record.Time), sidecar.Records[^1].LeastTime);
        for (var number = 0; number < records.Count; number++)
        {
            var record = records[number];
            var next = records.FindIndex(number + 1, other => other.Topics.First() == record.Topics.First() && other.Text(4) == record.Text(4) && (other.Flags & 1) == (record.Flags & 1));
            Assert.Equal(next < 0 ? null : (int?)next, sidecar.Records[number].Next);
        }
    }

    [Fact]
    public void Open_RecordHasReservedAndUnknownTags_SkipsThem()
    {
        using var directory = new TemporaryDirectory();
        var record = Records.Make(new PushEvent { Topic = "t", Payload = "payload"u8.ToArray() }, 1);
        byte[] extended = [.. record, 13, 2, 7, 7, 14, 0, 200, 1, 9];
        BinaryPrimitives.WriteInt32LittleEndian(extended, extended.Length - 4);
        using (var history = new HistoryRig(store: DirectoryStore.Open(directory.Path, NullLogger.Instance)))
        {
            history.History.Append(extended);
        }

        using var again = new HistoryRig(store: DirectoryStore.Open(directory.Path, NullLogger.Instance));
        var read = new EventRecord(again.History.Read(HistoryRig.Select("t"), 0, 1, int.MaxValue).Records.Span);

        Assert.Equal("payload"u8.ToArray(), read.Payload.ToArray());
        var fields = new FormatSegment(directory.Segments[0]).Records.Single();
        Assert.Equal("0707,,09", string.Join(',', ((byte[])[13, 14, 200]).Select(tag => Convert.ToHexString(fields[tag]!))));
    }

    private static int CompareBytes(string x, string y) => System.Text.Encoding.UTF8.GetBytes(x).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(y));

    private static void AssertEqual(WrittenRecord written, FormatRecord read)
    {
        var source = written.Event;
        var flags = (source.Private ? 1 : 0) + (source.Final ? 2 : 0) + (written.Extra == EventFlags.Marker ? 8 : 0) + ((int)(source.Priority ?? EventPriority.Normal) * 16);
        Assert.Equal((written.Offset, written.Time, flags, written.GoesOn, written.Place), (read.Offset, read.Time, read.Flags, read.GoesOn, read.Place));
        Assert.Equal([source.Topic, .. source.Alternates], read.Topics);
        Assert.Equal([source.Type, source.ContentType, source.Key, source.Id, source.TraceParent], ((byte[])[2, 3, 4, 5, 6]).Select(read.Text));
        Assert.Equal(source.Ttl?.TotalMilliseconds, read[7] is { } ttl ? (double?)BinaryPrimitives.ReadInt64LittleEndian(ttl) : null);
        Assert.Equal(source.Payload.ToArray(), read[15] ?? []);
    }
}
