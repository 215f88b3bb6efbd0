using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

public sealed class DirectoryTests : IDisposable
{
    private const int TailCut = 2501;
    private const int SetAside = 2503;
    private const int Unclean = 2507;
    private readonly DirectoryRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Open_AfterACleanStop_GoesOnBehindTheNextOffsetInTheSameFile()
    {
        using var directory = new TemporaryDirectory();
        ulong epoch;
        using (var first = _rig.Open(directory.Path))
        {
            epoch = first.History.Epoch;
            first.Append("a", flags: EventFlags.Final);
            first.Append("b");
        }

        using var second = _rig.Open(directory.Path);
        var next = second.Append("b");

        Assert.Equal((epoch, 4L), (second.History.Epoch, next)); // 3 is no event's: ephemeral ones are numbered behind it.
        Assert.Equal([1, 2, 4], second.Read(0, "**"));
        Assert.True(second.History.IsEnded("a"u8));
        Assert.NotEmpty(directory.Segment);
        Assert.DoesNotContain(Unclean, _rig.LogIds);
    }

    [Fact]
    public void Open_AfterACrash_HasEveryAnsweredRecordAndSkipsTheReservedOffsets()
    {
        using var directory = _rig.Crashed(events: 25, segmentEvents: 10);

        using var rig = _rig.Open(directory.Path);
        var next = rig.Append("t/9");

        Assert.Equal(Enumerable.Range(1, 25).Select(static i => (long)i).Append(next), rig.Read(0, "**"));
        Assert.InRange(next, 25 + DirectoryStore.ReservedOffsets, 26 + DirectoryStore.ReservedOffsets);
        Assert.Contains(Unclean, _rig.LogIds);
    }

    [Fact]
    public void Open_CrashAfterHalfTheReserveWasUsed_SkipsTheNextReserve()
    {
        using var directory = new TemporaryDirectory();
        using var rig = _rig.Open(directory.Path);
        const long Far = (DirectoryStore.ReservedOffsets / 2) + 5;
        rig.History.Append(rig.Record(Far, "a"));
        using var crashed = directory.Copy();
        Array.ForEach(crashed.Segments, File.Delete); // Power failed: nothing of it reached the disk but what was synced, the reserve.

        using var reopened = _rig.Open(crashed.Path);

        Assert.Equal(Far + DirectoryStore.ReservedOffsets + 1, reopened.History.NextOffset);
        Assert.Equal(rig.History.Epoch, reopened.History.Epoch);
    }

    [Fact]
    public void Open_CrashesWithoutAnEventBetween_NeverUsesAnOffsetTwice()
    {
        using var directory = new TemporaryDirectory();
        var crashed = directory;
        for (var (i, last) = (0, 0L); i < 3; i++)
        {
            using var rig = _rig.Open(crashed.Path);
            Assert.True(rig.History.NextOffset > last);
            last = rig.History.NextOffset;
            var copy = crashed.Copy();
            rig.Dispose();
            (i == 0 ? null : crashed)?.Dispose();
            crashed = copy;
        }

        crashed.Dispose();
    }

    [Fact]
    public void Open_DirectoryIsInUse_ThrowsNamingItAndTheHolder()
    {
        using var directory = new TemporaryDirectory();
        using var rig = _rig.Open(directory.Path);

        var fault = Assert.Throws<HistoryLockedException>(() => _rig.Open(directory.Path));

        Assert.Equal((directory.Path, Environment.ProcessId), (fault.Directory, fault.ProcessId));
        Assert.Contains($"\"{directory.Path}\" is in use by process {Environment.ProcessId};", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_DirectoryIsInUseAndToBeWaitedFor_OpensOnceItIsFree()
    {
        using var directory = new TemporaryDirectory();
        var holder = _rig.Open(directory.Path);
        using var logs = new LogCollector();

        var opening = Task.Run(() => DirectoryStore.Open(directory.Path, logs.CreateLogger("History"), TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None), TestContext.Current.CancellationToken);
        Assert.True(SpinWait.SpinUntil(() => logs.Lines.Any(static line => line.Id == 2517), TimeSpan.FromSeconds(30)), "It does not say that it waits.");
        Assert.False(opening.IsCompleted);
        holder.Dispose();

        (await opening.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Dispose();
        Assert.Single(logs.Lines, static line => line.Id == 2517);
        Assert.Single(logs.Lines, static line => line.Id == 2543);
    }

    [Fact]
    public async Task Open_CancelledWhileItWaits_GivesUp()
    {
        using var directory = new TemporaryDirectory();
        using var rig = _rig.Open(directory.Path);
        using var logs = new LogCollector();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var opening = Task.Run(() => DirectoryStore.Open(directory.Path, logs.CreateLogger("History"), TimeSpan.FromDays(1), TimeProvider.System, stop.Token), CancellationToken.None);
        Assert.True(SpinWait.SpinUntil(() => logs.Lines.Any(static line => line.Id == 2517), TimeSpan.FromSeconds(30)), "It does not say that it waits.");
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None));
    }

    [Fact]
    public void Open_DirectoryStaysInUse_WaitsNoLongerThanAsked()
    {
        using var directory = new TemporaryDirectory();
        using var rig = _rig.Open(directory.Path);

        Assert.Throws<HistoryLockedException>(() => DirectoryStore.Open(directory.Path, NullLogger.Instance, TimeSpan.FromMilliseconds(150), TimeProvider.System, CancellationToken.None));
    }

    [Fact]
    public void Open_AfterDispose_FindsTheDirectoryFree()
    {
        using var directory = new TemporaryDirectory();
        _rig.Open(directory.Path).Dispose();
        _rig.Open(directory.Path).Dispose();

        Assert.True(File.Exists(Path.Combine(directory.Path, "lock")));
    }

    [Fact]
    public void Append_RetentionDropsSegments_DeletesTheirFiles()
    {
        using var directory = new TemporaryDirectory();
        using var rig = _rig.Open(directory.Path, HistoryRig.Unlimited with { MaxEvents = 10, SegmentEvents = 5 });
        for (var i = 0; i < 52; i++)
        {
            rig.Append("a");
        }

        rig.History.Settle();
        Assert.Equal((11, 45L), (directory.Segments.Length, rig.History.Tail)); // They go when what follows is synced.
        rig.History.Sync();
        rig.History.Settle();

        Assert.Equal((2, 45L), (directory.Segments.Length, rig.History.Tail));
    }

    [Fact]
    public void Open_EverythingWasTooOld_StillKnowsTheHead()
    {
        using var directory = new TemporaryDirectory();
        using (var first = _rig.Open(directory.Path, HistoryRig.Unlimited with { MaxMilliseconds = 1_000 }))
        {
            first.Append("a");
            first.Append("a");
            first.Clock.Advance(TimeSpan.FromHours(1));
            first.History.Trim(first.Now);
        }

        using var second = _rig.Open(directory.Path);

        Assert.Equal((2L, 2L, 4L), (second.History.Tail, second.History.Head, second.History.NextOffset));
        Assert.Null(second.History.Read(HistoryRig.Select("a"), 0, 2, 1).Missing!.Count);
    }

    [Fact]
    public void Open_SegmentInTheMiddleHasNoHeader_PutsItAsideAndTellsAGap()
    {
        using var directory = _rig.Crashed(events: 30, segmentEvents: 10);
        var damaged = directory.Segments[1];
        Overwrite(damaged, 0, 128);

        using var rig = _rig.Open(directory.Path);
        var first = rig.History.Read(HistoryRig.Select("**"), 0, 30, int.MaxValue);
        var second = rig.History.Read(HistoryRig.Select("**"), first.To, 30, int.MaxValue);

        Assert.Equal((10L, null), (first.To, first.Missing));
        Assert.Equal(new HistoryGap(10, 20, null, Corrupt: true), second.Missing);
        Assert.Equal(Enumerable.Range(21, 10).Select(static i => (long)i), HistoryRig.Offsets(second.Records));
        Assert.True(File.Exists(damaged + ".damaged"));
        Assert.Contains(SetAside, _rig.LogIds);
    }

    [Fact]
    public void Read_DamageLiesInWhatRetentionDropped_TellsAGapWithoutCount()
    {
        using var directory = _rig.Crashed(events: 30, segmentEvents: 10);
        Overwrite(directory.Segments[1], 0, 128);
        using var rig = _rig.Open(directory.Path, HistoryRig.Unlimited with { MaxEvents = 10 });
        for (var i = 0; i < 20; i++)
        {
            rig.Append("a");
        }

        var across = rig.History.Read(HistoryRig.Select("**"), 0, rig.History.Head, 1).Missing!;
        var behind = rig.History.Read(HistoryRig.Select("**"), 25, rig.History.Head, 1).Missing!;

        Assert.Equal((rig.History.Tail, null), (across.To, across.Count)); // Nobody knows what was in the damaged segment.
        Assert.Equal((rig.History.Tail, 5L + 10), (behind.To, behind.Count));
    }

    [Fact]
    public void Open_NewestSegmentHasNoHeader_TellsAGapAlsoAfterTheNextStart()
    {
        using var directory = _rig.Crashed(events: 30, segmentEvents: 10);
        Overwrite(directory.Segments[2], 0, 128);

        long next;
        using (var rig = _rig.Open(directory.Path))
        {
            next = rig.Append("new");
        }

        using var again = _rig.Open(directory.Path);
        var page = again.History.Read(HistoryRig.Select("**"), 20, next, int.MaxValue);

        Assert.Equal(new HistoryGap(20, next - 1, null, Corrupt: true), page.Missing);
        Assert.Equal([next], HistoryRig.Offsets(page.Records));
        Assert.True(next > 30 + DirectoryStore.ReservedOffsets - 11);
    }

    [Fact]
    public void Open_SegmentOfAnotherHistory_PutsItAside()
    {
        using var directory = _rig.Crashed(events: 3, segmentEvents: 10);
        using var other = _rig.Crashed(events: 30, segmentEvents: 10);
        File.Copy(other.Segments[2], Path.Combine(directory.Path, Path.GetFileName(other.Segments[2])));

        using var rig = _rig.Open(directory.Path);

        Assert.Equal([1, 2, 3], rig.Read(0, "**"));
        Assert.Single(Directory.GetFiles(directory.Path, "*.foreign"));
    }

    [Fact]
    public void Open_ByFactory_KeepsTheEventsOfTheDirectory()
    {
        using var directory = new TemporaryDirectory();
        var options = new HistoryOptions { Data = Path.Combine(directory.Path, "new", "data") };
        using (var first = HistoryFactory.Open(options, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken: TestContext.Current.CancellationToken))
        {
            first.Append(Spillway.TestKit.Records.Make(new PushEvent { Topic = "a" }, 1, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()));
        }

        using var second = HistoryFactory.Open(options, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal((1L, 3L), (second.Head, second.NextOffset));
    }

    [Fact]
    public void Open_AfterATornWrite_CutsItOnceAndGoesOnBehindIt()
    {
        using var directory = _rig.Crashed(events: 5, segmentEvents: 10);
        using (var file = new FileStream(directory.Segment, FileMode.Append))
        {
            file.Write(new byte[77]);
        }

        long next;
        using (var rig = _rig.Open(directory.Path))
        {
            next = rig.Append("a");
        }

        using var again = _rig.Open(directory.Path);
        Assert.Equal([1, 2, 3, 4, 5, next], again.Read(0, "**"));
        Assert.Single(_rig.LogIds, TailCut);
    }

    private static void Overwrite(string path, int at, int length)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.Position = at;
        file.Write(new byte[length]);
    }
}
