using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>What a small log answers after every damage that there is: each bit turned, each length, any bytes.</summary>
public sealed class BitRotTests
{
    private const int Events = 9;
    private static readonly bool All = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_AnyBitOfASegmentTurned_ServesNothingElseAndTellsWhatIsGone(bool cleanStop)
    {
        var (images, original) = MakeLog(cleanStop);
        foreach (var name in images.Keys.Where(static name => name.EndsWith(".segment", StringComparison.Ordinal)))
        {
            for (var bit = 0; bit < images[name].Length * 8; bit++)
            {
                var bytes = images[name].ToArray();
                bytes[bit / 8] ^= (byte)(1 << (bit % 8));

                var (served, told, head) = Read(new Dictionary<string, byte[]>(images) { [name] = bytes });

                var gone = original.Keys.Except(served.Keys).ToArray();
                Assert.All(served, pair => Assert.Equal(original[pair.Key], pair.Value));
                Assert.Equal(bit / 8 >= SegmentHeader.Length ? 1 : 0, gone.Length);
                Assert.True(gone.All(offset => told.Contains(offset) || (!cleanStop && offset > head)), $"Bit {bit} of {name}: lost, and not told.");
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_AnySegmentCutAtAnyLength_ServesTheWholeRecords(bool cleanStop)
    {
        var (images, original) = MakeLog(cleanStop);
        foreach (var name in images.Keys.Where(static name => name.EndsWith(".segment", StringComparison.Ordinal)))
        {
            for (var length = 0; length < images[name].Length; length++)
            {
                var (served, _, _) = Read(new Dictionary<string, byte[]>(images) { [name] = images[name][..length] });

                Assert.All(served, pair => Assert.Equal(original[pair.Key], pair.Value));
                Assert.True(served.Count >= original.Count - CountIn(images[name]), $"{name} cut at {length} cost more than itself.");
            }
        }
    }

    [Fact]
    public void Open_AnyBytesInAnyFile_ServesOnlyWhatWasStored()
    {
        var random = new Random(20_260_131);
        var (images, original) = MakeLog(cleanStop: false);
        for (var run = 0; run < (All ? 15_000 : 1_500); run++)
        {
            var fuzzed = images.ToDictionary(static pair => pair.Key, static pair => pair.Value.ToArray());
            var bytes = fuzzed.ElementAt(random.Next(fuzzed.Count)).Value;
            var at = random.Next(bytes.Length);
            random.NextBytes(bytes.AsSpan(at, random.Next(bytes.Length - at + 1)));
            if (random.Next(3) == 0)
            {
                images[images.Keys.First()].AsSpan(0, Math.Min(40, bytes.Length)).CopyTo(bytes); // A head that looks right.
            }

            var (served, _, _) = Read(fuzzed);

            Assert.True(served.All(pair => original.TryGetValue(pair.Key, out var record) && record.AsSpan().SequenceEqual(pair.Value)), $"Run {run} served what was never stored.");
        }
    }

    /// <summary>Three segments of three events.</summary>
    private static (Dictionary<string, byte[]> Images, Dictionary<long, byte[]> Original) MakeLog(bool cleanStop)
    {
        var disk = new SimulatedDisk(1);
        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 3 }, DirectoryStore.Open("disk", disk, new MemoryStream(), NullLogger.Instance));
        for (var number = 0; number < Events; number++)
        {
            rig.Append("t/" + number, payload: number);
        }

        var original = ReadAll(rig.History).Served;
        if (cleanStop)
        {
            rig.Dispose();
        }

        return (disk.List().ToDictionary(static name => name, name => ReadFile(disk, name)), original);
    }

    private static byte[] ReadFile(SimulatedDisk disk, string name)
    {
        using var file = disk.Open(name, writable: false);
        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        return bytes;
    }

    private static (Dictionary<long, byte[]> Served, HashSet<long> Told, long Head) Read(Dictionary<string, byte[]> images)
    {
        var disk = new SimulatedDisk(1);
        foreach (var (name, bytes) in images)
        {
            using var file = disk.Create(name);
            file.Write(0, bytes);
        }

        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 3 }, DirectoryStore.Open("disk", disk, new MemoryStream(), NullLogger.Instance));
        return ReadAll(rig.History);
    }

    private static (Dictionary<long, byte[]> Served, HashSet<long> Told, long Head) ReadAll(SegmentedHistory history)
    {
        var (served, told) = (new Dictionary<long, byte[]>(), new HashSet<long>());
        for (var after = 0L; after < history.Head;)
        {
            var page = history.Read(HistoryRig.Select("**"), after, history.Head, int.MaxValue);
            if (page.Missing is { } gap)
            {
                told.UnionWith(Enumerable.Range(1, Events).Select(static offset => (long)offset).Where(offset => offset > gap.From && offset <= gap.To));
            }

            foreach (var record in HistoryRig.Divide(page.Records))
            {
                served.Add(EventRecord.OffsetOf(record), record[8..]);
            }

            after = page.To;
        }

        return (served, told, history.Head);
    }

    private static int CountIn(byte[] segment) => HistoryRig.Divide(segment.AsMemory(SegmentHeader.Length)).Count();
}
