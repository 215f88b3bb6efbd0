using Spillway.Events;
using Spillway.History.Storage;

namespace Spillway.Tests.History;

public sealed class DirectoryCrashTests : IDisposable
{
    private static readonly bool All = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all";
    private readonly DirectoryRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Open_LogCutAtAnyLength_HasExactlyTheWholeRecords()
    {
        using var directory = _rig.Crashed(events: 6, segmentEvents: 10);
        var path = directory.Segment;
        var bytes = File.ReadAllBytes(path);
        var ends = Ends(bytes);
        for (var length = 0; length <= bytes.Length; length++)
        {
            using var cut = directory.Copy();
            File.WriteAllBytes(cut.Segments[0], bytes[..length]);

            using var rig = _rig.Open(cut.Path);
            var found = rig.Read(0, "**");
            var next = rig.Append("t/0");

            var whole = ends.Count(end => end <= length);
            Assert.Equal(Enumerable.Range(1, whole).Select(static i => (long)i), found);
            Assert.True(next > 6, $"Offset {next} was used before the crash; cut at {length}.");
            Assert.Equal([.. found, next], rig.Read(0, "**"));
        }
    }

    [Fact]
    public void Open_RandomBytesChanged_NeverThrowsAndTellsWhatIsMissing()
    {
        var seed = All ? Environment.TickCount : 20_260_131;
        var random = new Random(seed);
        using var directory = _rig.Crashed(events: 30, segmentEvents: 12);
        var original = Records(directory);
        for (var run = 0; run < (All ? 2_000 : 200); run++)
        {
            using var damaged = directory.Copy();
            var flips = random.Next(1, 4);
            for (var flip = 0; flip < flips; flip++)
            {
                var path = random.Next(8) == 0 ? Path.Combine(damaged.Path, "state") : damaged.Segments[random.Next(3)];
                var bytes = File.ReadAllBytes(path);
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(path, bytes);
            }

            try
            {
                CheckDamaged(damaged, original);
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"Seed {seed}, run {run}: {fault.Message}", fault);
            }
        }
    }

    /// <summary>What is served is what was stored; what is not is told as a gap, or was the end of the log.</summary>
    private void CheckDamaged(TemporaryDirectory damaged, byte[][] original)
    {
        using var rig = _rig.Open(damaged.Path);
        var head = rig.History.Head;
        var next = rig.Append("t/0");
        Assert.True(next > original.Length, $"Offset {next} was used before.");

        var told = new HashSet<long>();
        for (var after = 0L; after < next - 1;)
        {
            var page = rig.History.Read(HistoryRig.Select("**"), after, next - 1, int.MaxValue);
            if (page.Missing is { } gap)
            {
                told.UnionWith(original.Select(static record => EventRecord.OffsetOf(record)).Where(offset => offset > gap.From && offset <= gap.To));
            }

            foreach (var record in HistoryRig.Divide(page.Records))
            {
                Assert.Equal(original[EventRecord.OffsetOf(record) - 1][8..], record[8..]);
                Assert.True(told.Add(EventRecord.OffsetOf(record)), "Served although it was told as missing.");
            }

            after = page.To;
        }

        Assert.Equal(original.Select(static record => EventRecord.OffsetOf(record)).Where(offset => offset <= head), told.Order().Where(offset => offset <= head));
    }

    private static List<int> Ends(byte[] file)
    {
        var ends = new List<int>();
        for (var at = SegmentHeader.Length; at < file.Length; ends.Add(at))
        {
            at += EventRecord.LengthAt(file.AsSpan(at));
        }

        return ends;
    }

    private static byte[][] Records(TemporaryDirectory directory) =>
        [.. directory.Segments.SelectMany(static path => HistoryRig.Divide(File.ReadAllBytes(path).AsMemory(SegmentHeader.Length)))];
}
