using Spillway.History;

namespace Spillway.Tests.History;

public sealed class StoreFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Append_WriteFails_ShowsNothingAndGoesOnInANewSegmentWithANewOffset()
    {
        var store = new StubStore();
        using var rig = new HistoryRig(store: store);
        rig.Append("a");
        store.OnWrite = static () => throw new IOException("No space left on device");

        Assert.Throws<IOException>(() => rig.Append("b"));
        var seen = rig.Read(0, "**");
        store.OnWrite = null;
        var next = rig.Append("b");

        Assert.Equal([1], seen);
        Assert.Equal((3L, 2, 1), (next, store.Created, store.Deleted)); // The first event was not synced: it moved, and its file has nothing left.
        Assert.Equal([1, 3], rig.Read(0, "**"));
        Assert.Equal([3], rig.Read(0, "b"));
    }

    [Fact]
    public void Sync_FailsOnce_MovesWhatWasNotSyncedToAnotherFile()
    {
        var store = new StubStore();
        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 3 }, store);
        rig.Append("a");
        rig.Append("b");
        rig.History.Sync();
        for (var i = 0; i < 5; i++)
        {
            rig.Append("a"); // The first of them in the file that is synced in part, the last in a third one.
        }

        var faults = 1;
        store.OnSync = () =>
        {
            if (faults-- > 0)
            {
                throw new IOException("Input/output error");
            }
        };
        rig.History.Sync();

        Assert.Equal((7L, 7L), (rig.History.Head, rig.History.Synced));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], rig.Read(0, "**"));
        Assert.Equal([1, 3, 4, 5, 6, 7], rig.Read(0, "a"));
        Assert.Equal((7L, 2L), (rig.History.Size.Events, rig.History.TopicCount));
        Assert.Equal(2, store.Deleted); // The two that lay wholly behind what was synced.
        Assert.Equal(8, rig.Append("a"));
        Assert.Equal([8], rig.Read(7, "a"));
    }

    [Fact]
    public void Sync_NothingWorksAnyMore_ThrowsUntilItDoesAndLosesNothing()
    {
        var store = new StubStore();
        using var rig = new HistoryRig(store: store);
        rig.Append("a");
        store.OnSync = store.OnCreate = static () => throw new IOException("No space left on device", 28);

        var fault = Assert.Throws<IOException>(rig.History.Sync);
        Assert.Throws<IOException>(() => rig.Append("a")); // It is not tried again within a second.
        store.OnSync = store.OnCreate = null;
        Assert.Throws<IOException>(rig.History.Sync);
        rig.Clock.Advance(TimeSpan.FromSeconds(1));
        rig.History.Sync();

        Assert.Equal(28, fault.HResult);
        Assert.Equal((1L, 1L), (rig.History.Head, rig.History.Synced));
        Assert.Equal([1], rig.Read(0, "a"));
        Assert.Equal(2, rig.Append("a"));
    }

    [Fact]
    public void Append_FirstWriteOfASegmentFails_GivesItUp()
    {
        var store = new StubStore();
        using var rig = new HistoryRig(store: store);
        store.OnWrite = static () => throw new IOException("Input/output error");
        Assert.Throws<IOException>(() => rig.Append("a"));
        store.OnWrite = null;

        rig.Append("a");

        Assert.Equal([2], rig.Read(0, "**"));
        Assert.Equal((2, 1, 1), (store.Created, store.Deleted, rig.History.SegmentCount));
    }

    [Fact]
    public void Append_NewSegmentCannotBeBegun_ThrowsUntilItCan()
    {
        var store = new StubStore();
        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 1 }, store);
        rig.Append("a");
        store.OnCreate = static () => throw new IOException("Read-only file system");
        Assert.Throws<IOException>(() => rig.Append("a"));
        Assert.Throws<IOException>(() => rig.Append("a"));
        store.OnCreate = null;

        var offset = rig.Append("a");

        Assert.Equal([1, offset], rig.Read(0, "a"));
    }

    [Fact]
    public void Trim_NewSegmentCannotBeBegun_KeepsWhatIsOld()
    {
        var store = new StubStore();
        using var rig = new HistoryRig(HistoryRig.Unlimited with { MaxMilliseconds = 1_000 }, store);
        rig.Append("a");
        rig.Clock.Advance(TimeSpan.FromHours(1));
        store.OnCreate = static () => throw new IOException("No space left on device");

        rig.History.Trim(rig.Now);

        Assert.Equal([1], rig.Read(0, "a"));
    }

    [Fact]
    public async Task Read_WhileTheAppenderIsStuckInTheDisk_ReturnsWhatIsWritten()
    {
        var store = new StubStore();
        using var rig = new HistoryRig(store: store);
        rig.Append("a");
        using var isStuck = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        store.OnWrite = () =>
        {
            isStuck.Set();
            Assert.True(goOn.Wait(Patience));
        };

        var appending = Task.Run(() => rig.Append("a"), TestContext.Current.CancellationToken);
        Assert.True(isStuck.Wait(Patience, TestContext.Current.CancellationToken));
        var seen = (rig.Read(0, "**"), rig.History.FindLast(HistoryRig.Select("**"), 5), rig.History.ListTopics("", null, 10)[0].Events, rig.History.Head);
        goOn.Set();
        await appending;

        Assert.Equal([1], seen.Item1);
        Assert.Equal((0L, 1L, 1L), (seen.Item2, seen.Item3, seen.Item4));
        Assert.Equal([1, 2], rig.Read(0, "**"));
    }

    [Fact]
    public void Read_SegmentsDroppedUnderAReader_AreReadToTheEnd()
    {
        var limits = HistoryRig.Unlimited with { MaxEvents = 10, SegmentEvents = 5 };
        using var metrics = new HistoryMetrics(null);
        var retained = new RetainedSegments(limits, metrics);
        using var rig = new HistoryRig();
        for (var offset = 1L; offset <= 30; offset++)
        {
            if (offset % 5 == 1)
            {
                retained.Roll(new StubStore(), offset - 1);
            }

            retained.Append(rig.Record(offset, "a"));
        }

        var held = new PageReader(retained.View, HistoryRig.Select("a"));
        retained.Trim(rig.Now);
        var page = held.Read(0, 30, int.MaxValue);

        Assert.Equal(20, retained.View.Tail);
        Assert.Equal(30, HistoryRig.Offsets(page.Records).Length);
        Assert.Null(page.Missing);
    }
}
