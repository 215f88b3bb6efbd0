using Spillway.History;
using Spillway.TestKit;
using Spillway.Tests.History.Format;

namespace Spillway.Tests.History;

/// <summary>The cleaner in a directory: files, restarts, faults, and who goes on meanwhile.</summary>
public sealed class DirectoryCleaningTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CleaningRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Clean_SegmentWithEventsThatStay_IsReadFromThePageOfTheFormat()
    {
        using var rig = _rig.Open(HistoryRig.Unlimited);
        CleaningRig.Append(rig, 25);
        rig.History.Dispose();
        var before = new FormatSegment(_rig.Directory.Segments[0]);
        using var cleaning = _rig.Open(CleaningRig.KeepOnly(14));
        CleaningRig.Clean(cleaning);

        Assert.EndsWith("-0000000001.1.segment", _rig.Directory.Segments[0], StringComparison.Ordinal);
        var after = new FormatSegment(_rig.Directory.Segments[0]);
        var sidecar = new FormatSidecar(Path.ChangeExtension(_rig.Directory.Segments[0], ".index"));
        var original = new FormatSidecar(Path.ChangeExtension(_rig.Directory.Segments[0], null)[..^".1".Length] + ".index");
        Assert.Equal((before.Epoch, before.Before, before.Number, before.Parent, 1u, 10L), (after.Epoch, after.Before, after.Number, after.Parent, after.Cleaned, after.Synced));
        Assert.NotEqual(before.Seed, after.Seed);
        Assert.Equal([3, 6, 9], after.Records.Select(static record => record.Offset));
        Assert.All(after.Records, static record => Assert.Equal((0, 0), (record.GoesOn, record.Place)));
        Assert.All(after.Records, record => Assert.Equal(before.Records[(int)record.Offset - 1].Text(1), record.Text(1)));
        Assert.Equal((after.Seed, 10L, 1u, 3), (sidecar.Seed, sidecar.Last, sidecar.Cleaned, sidecar.Records.Count));
        Assert.Equal((before.Seed, 10L, 0u, 10), (original.Seed, original.Last, original.Cleaned, original.Records.Count));
    }

    [Fact]
    public void Open_SegmentsWereCleaned_CountsWhatIsGoneAsBefore()
    {
        using (var rig = _rig.Open(CleaningRig.KeepOnly(20)))
        {
            CleaningRig.Append(rig, 60);
            CleaningRig.Clean(rig);
        }

        using var again = _rig.Open(HistoryRig.Unlimited); // Rules that are gone take nothing more.
        var page = again.History.Read(HistoryRig.Select("rest/1", "keep/0"), 7, 60, int.MaxValue);
        var next = again.History.Read(HistoryRig.Select("rest/1", "keep/0"), page.To, 60, int.MaxValue);

        Assert.Equal([.. Enumerable.Range(1, 20).Select(static i => 3L * i)], CleaningRig.ReadAll(again, "keep/*"));
        Assert.Equal((new HistoryGap(7, 8, 1, Corrupt: false), 21L), (page.Missing, page.To)); // 22 is the next that is gone.
        Assert.Equal([9, 18], HistoryRig.Offsets(page.Records));
        Assert.Equal(new HistoryGap(21, 26, 1, Corrupt: false), next.Missing);
        Assert.DoesNotContain(_rig.Logs.Lines, static line => line.Id == 2502); // No damage.
    }

    [Fact]
    public void Open_OldFileIsThereStill_TakesTheOneThatWasCleaned()
    {
        using var before = new TemporaryDirectory();
        using (var rig = _rig.Open(CleaningRig.KeepOnly(100)))
        {
            CleaningRig.Append(rig, 25);
            CleaningRig.Clean(rig);
        }

        _rig.Directory.CopyTo(before);
        using (var rig = _rig.Open(CleaningRig.KeepOnly(14)))
        {
            CleaningRig.Clean(rig);
        }

        File.Copy(before.Segments[0], Path.Combine(_rig.Directory.Path, Path.GetFileName(before.Segments[0])));
        using var again = _rig.Open(CleaningRig.KeepOnly(14));

        Assert.Equal([3, 6, 9], CleaningRig.ReadAll(again, "**").TakeWhile(static offset => offset <= 10));
        Assert.DoesNotContain(Path.GetFileName(before.Segments[0]), _rig.Directory.Segments.Select(Path.GetFileName));
    }

    [Fact]
    public void Open_SomeOfTheFilesThatWereJoinedAreThereStill_TakesTheJoined()
    {
        using var before = new TemporaryDirectory();
        var limits = CleaningRig.KeepOnly(30);
        using (var rig = _rig.Open(limits with { SegmentEvents = 16 }))
        {
            CleaningRig.Append(rig, 16 * 40); // A third of a segment stays: not so little that it is to be joined.
            CleaningRig.Clean(rig);
        }

        _rig.Directory.CopyTo(before);
        var many = _rig.Directory.Segments.Length;
        using (var rig = _rig.Open(limits with { SegmentEvents = 16 * 16 }))
        {
            CleaningRig.Clean(rig);
        }

        var joined = _rig.Directory.Segments.Length;
        foreach (var old in before.Segments.Where(static (_, i) => i % 3 == 1).Where(old => !File.Exists(Path.Combine(_rig.Directory.Path, Path.GetFileName(old)))))
        {
            File.Copy(old, Path.Combine(_rig.Directory.Path, Path.GetFileName(old)));
        }

        using var again = _rig.Open(limits with { SegmentEvents = 16 * 16 });

        Assert.InRange(joined, 2, many / 4);
        Assert.Equal(Enumerable.Range(1, 213).Select(static i => 3L * i), CleaningRig.ReadAll(again, "keep/*"));
        Assert.DoesNotContain(_rig.Logs.Lines, static line => line.Id == 2502);
        Assert.Equal(joined, _rig.Directory.Segments.Length);
    }

    [Fact]
    public void Clean_NoRoomForTheNewFile_LeavesAllAsItIsAndTriesAgain()
    {
        var isFull = true;
        var disk = new WatchedDisk(_rig.Directory.Path)
        {
            OnCreate = name => _ = isFull && name.Contains(".1.segment", StringComparison.Ordinal) ? throw new IOException("No space left on device", 28) : 0,
        };
        using var rig = _rig.Open(CleaningRig.KeepOnly(14), disk);
        CleaningRig.Append(rig, 25);
        CleaningRig.Clean(rig);
        var kept = CleaningRig.ReadAll(rig, "**");
        isFull = false;
        CleaningRig.Clean(rig);

        Assert.Equal(Enumerable.Range(1, 25).Select(static i => (long)i), kept);
        Assert.Contains(_rig.Logs.Lines, static line => line.Id == 2524);
        Assert.Equal([3, 6, 9, 12, 15, 18, 21, 22, 23, 24, 25], CleaningRig.ReadAll(rig, "**"));
    }

    [Fact]
    public async Task Clean_DiskStandsStill_PublishersAndReadersGoOn()
    {
        using var goOn = new ManualResetEventSlim();
        using var stands = new ManualResetEventSlim();
        var disk = new WatchedDisk(_rig.Directory.Path)
        {
            OnCreate = name =>
            {
                if (name.Contains(".1.segment", StringComparison.Ordinal))
                {
                    stands.Set();
                    goOn.Wait(Patience, TestContext.Current.CancellationToken);
                }
            },
        };
        using var rig = _rig.Open(CleaningRig.KeepOnly(14), disk);
        CleaningRig.Append(rig, 25);
        rig.History.Sync(); // The keeper goes to work.
        Assert.True(stands.Wait(Patience, TestContext.Current.CancellationToken));

        var work = Task.Run(() =>
        {
            CleaningRig.Append(rig, 50);
            rig.History.Sync();
            rig.History.Trim(rig.Now);
            return (Read: CleaningRig.ReadAll(rig, "**"), Last: rig.History.FindLast(HistoryRig.Select("**"), 3), Ended: rig.History.IsEnded("keep/0"u8));
        });
        var done = await work.WaitAsync(Patience, TestContext.Current.CancellationToken);
        goOn.Set();
        CleaningRig.Clean(rig);

        Assert.Equal(Enumerable.Range(1, 75).Select(static i => (long)i), done.Read);
        Assert.Equal(72, done.Last);
        Assert.Equal(Enumerable.Range(1, 25).Select(static i => 3L * i), CleaningRig.ReadAll(rig, "keep/*"));
        Assert.InRange(CleaningRig.ReadAll(rig, "rest/*").Length, 2, 14);
    }

    [Fact]
    public void Clean_RecordIsDamaged_TellsItAndKeepsTheOthers()
    {
        using (var rig = _rig.Open(HistoryRig.Unlimited))
        {
            CleaningRig.Append(rig, 25);
        }

        SealedRig.Damage(_rig.Directory.Segments[0], 5); // Offset 6, which is to stay.
        using (var cleaning = _rig.Open(CleaningRig.KeepOnly(14)))
        {
            CleaningRig.Clean(cleaning);
            Check(cleaning);
        }

        using var again = _rig.Open(CleaningRig.KeepOnly(14));
        Check(again);

        static void Check(HistoryRig rig)
        {
            var (offsets, gaps) = SealedRig.ReadAll(rig, "keep/*");
            Assert.Equal([3, 9, 12, 15, 18, 21, 24], offsets);
            Assert.Equal([new HistoryGap(5, 6, null, Corrupt: true)], gaps);
        }
    }

    [Fact]
    public async Task Read_WhileSegmentsAreCleanedAgainAndAgain_SeesEachEventThatStays()
    {
        using var rig = _rig.Open(CleaningRig.KeepOnly(40));
        using var stop = new CancellationTokenSource();
        var count = 0;
        var reads = Task.Run(() =>
        {
            for (; !stop.IsCancellationRequested; Interlocked.Increment(ref count))
            {
                var head = rig.History.Head;
                var (after, kept) = (0L, 0L);
                while (after < head)
                {
                    var page = rig.History.Read(HistoryRig.Select("**"), after, head, 2_000);
                    var offsets = HistoryRig.Offsets(page.Records);
                    Assert.False(page.Missing is { Corrupt: true });
                    Assert.True(page.To - after == offsets.Length + (page.Missing?.Count ?? 0), "Something is neither there nor told."); // Offsets have no holes here.
                    kept += offsets.Count(static offset => offset % 3 == 0);
                    after = page.To;
                }

                Assert.Equal(head / 3, kept);
            }
        }, TestContext.Current.CancellationToken);
        for (var i = 0; i < 60 || (Volatile.Read(ref count) < 3 && !reads.IsCompleted && i < 100_000); i++) // The reader may get the processor late.
        {
            CleaningRig.Append(rig, 17);
            CleaningRig.Clean(rig);
        }

        await stop.CancelAsync();
        await reads.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.True(count >= 3);
        Assert.True(_rig.Metrics.Sum("spillway.history.rewritten_segments") > 50);
    }
}
