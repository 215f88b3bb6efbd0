using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>Directories that were copied or restored go on as histories of their own, in which cursors of the one they were copied from are understood.</summary>
public sealed class BranchTests : IDisposable
{
    private const int Copied = 2542;
    private readonly DirectoryRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_DirectoryWasCopiedWithCp_BothGoOnUnderIdsOfTheirOwn(bool whileRunning)
    {
        using var directory = new TemporaryDirectory();
        using var parent = new TemporaryDirectory();
        var copy = Path.Combine(parent.Path, "copy");
        var original = _rig.Open(directory.Path);
        original.AppendMany(12);
        if (!whileRunning)
        {
            original.Dispose();
        }

        using (var cp = Process.Start("cp", ["-a", directory.Path, copy]))
        {
            await cp.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        original = whileRunning ? original : _rig.Open(directory.Path);
        using var branch = _rig.Open(copy);
        var (left, right) = (original.Append("left"), branch.Append("right"));

        Assert.NotEqual(original.History.Epoch, branch.History.Epoch);
        Assert.Equal([.. Enumerable.Range(1, 12).Select(static i => (long)i), right], branch.Read(0, "**"));
        Assert.Equal([left], original.Read(12, "**"));
        branch.CheckFind(original.History.Epoch, 11, isHere: true, 11);
        branch.CheckFind(original.History.Epoch, 12, isHere: true, 12);
        branch.CheckFind(original.History.Epoch, left, isHere: false, 12);
        original.CheckFind(branch.History.Epoch, 12, isHere: false, original.History.Tail);
        Assert.Single(_rig.LogIds, Copied);
        original.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_OlderCopyWasRestoredInPlace_IsRecognised(bool overWhatIsThere)
    {
        using var directory = new TemporaryDirectory();
        using var backup = new TemporaryDirectory();
        ulong epoch;
        long restarted;
        using (var rig = _rig.Open(directory.Path))
        {
            epoch = rig.History.Epoch;
            rig.AppendMany(5);
        }

        directory.CopyTo(backup);
        using (var rig = _rig.Open(directory.Path))
        {
            restarted = rig.Append("lost");
        }

        if (!overWhatIsThere)
        {
            Array.ForEach(Directory.GetFiles(directory.Path), File.Delete);
        }

        backup.CopyTo(directory);
        using var restored = _rig.Open(directory.Path);
        var offset = restored.Append("new");

        Assert.NotEqual(epoch, restored.History.Epoch);
        Assert.Equal([1, 2, 3, 4, 5, offset], restored.Read(0, "**"));
        restored.CheckFind(epoch, 5, isHere: true, 5);
        restored.CheckFind(epoch, restarted, isHere: false, 5);
    }

    [Fact]
    public void Open_DirectoryWasMoved_IsTheSameHistory()
    {
        using var directory = new TemporaryDirectory();
        var moved = directory.Path + ".moved";
        ulong epoch;
        using (var rig = _rig.Open(directory.Path))
        {
            epoch = rig.History.Epoch;
            rig.AppendMany(5);
        }

        Directory.Move(directory.Path, moved);
        using (var rig = _rig.Open(moved))
        {
            Assert.Equal(epoch, rig.History.Epoch);
        }

        Directory.Move(moved, directory.Path);
        Assert.DoesNotContain(Copied, _rig.LogIds);
    }

    [Fact]
    public void Open_ACopyAgainAfterItBranched_KeepsItsEpoch()
    {
        using var directory = _rig.Crashed(events: 5, segmentEvents: 10);
        using var copy = new TemporaryDirectory();
        directory.CopyTo(copy);
        ulong epoch;
        using (var branch = _rig.Open(copy.Path))
        {
            epoch = branch.History.Epoch;
        }

        using var again = _rig.Open(copy.Path);

        Assert.Equal((epoch, 1), (again.History.Epoch, _rig.LogIds.Count(static id => id == Copied)));
        Assert.Equal([1, 2, 3, 4, 5], again.Read(0, "**"));
    }

    [Fact]
    public void TryFind_PositionsOfManyGenerations_AreFoundUntilTheyAreForgotten()
    {
        var disk = new SimulatedDisk(1);
        var handedOut = new List<Position>();
        for (var generation = 0; generation <= EpochChain.MaxAncestors + 1; generation++)
        {
            using var history = Open(disk, branch: generation > 0);
            history.Append(Records.Make(new PushEvent { Topic = "t" }, history.NextOffset, 0));
            handedOut.Add(new Position(history.Epoch, history.Head));
            var copy = new SimulatedDisk(generation);
            copy.CopyFrom(disk);
            disk = copy;
        }

        using var last = Open(disk, branch: false); // It is a copy once more: generations 0 and 1 are forgotten.
        var all = HistoryRig.Offsets(last.Read(HistoryRig.Select("**"), 0, last.Head, int.MaxValue).Records);

        Assert.Equal(handedOut.Select(static position => position.Offset), all);
        Assert.Equal(
            handedOut.Select((position, generation) => generation < 2 ? (false, last.Tail) : (true, position.Offset)),
            handedOut.Select(position => (last.TryFind(position, out var offset), offset)));
    }

    [Fact]
    public void TryFind_GrandparentWentFurtherThanWasCopied_PartsWhereTheFirstCopyWasMade()
    {
        using var grandparent = new TemporaryDirectory();
        using var parent = new TemporaryDirectory();
        using var child = new TemporaryDirectory();
        using var first = _rig.Open(grandparent.Path);
        first.AppendMany(5);
        grandparent.CopyTo(parent);
        first.AppendMany(5);
        using var second = _rig.Open(parent.Path);
        second.AppendMany(5);
        parent.CopyTo(child);

        using var third = _rig.Open(child.Path);

        third.CheckFind(first.History.Epoch, 5, isHere: true, 5);
        third.CheckFind(first.History.Epoch, 6, isHere: false, 5);
        third.CheckFind(second.History.Epoch, second.History.Head, isHere: true, second.History.Head);
        third.CheckFind(second.History.Epoch, second.History.Head + 1, isHere: false, second.History.Head);
    }

    [Fact]
    public void Open_DiesAtAnyStepOfBranching_BranchesOnceInTheEnd()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var (original, copy) = (new SimulatedDisk(seed), new SimulatedDisk(seed));
            Position last;
            using (var history = Open(original, branch: false, segmentEvents: 3))
            {
                for (var i = 0; i < 8; i++)
                {
                    history.Append(Records.Make(new PushEvent { Topic = "t" }, history.NextOffset, 0));
                }

                last = new Position(history.Epoch, history.Head);
                copy.CopyFrom(original); // As it is while the hub runs.
            }

            copy.DiesAt = copy.Steps + 1 + (seed % 40);
            ulong? epoch = null;
            try
            {
                using var branch = Open(copy, branch: false, segmentEvents: 3);
                branch.Append(Records.Make(new PushEvent { Topic = "t" }, branch.NextOffset, 0));
                epoch = branch.Epoch; // From now on it may be known outside.
                branch.Sync();
            }
            catch (SimulatedCrashException)
            {
                // The next start goes on.
            }

            copy.Restart(powerLoss: epoch is not null && seed % 2 == 0); // Before, what was not synced yet may be gone: it was not restored whole.
            using var again = Open(copy, branch: false, segmentEvents: 3);

            Assert.True(epoch is null || epoch == again.Epoch, $"Seed {seed}");
            Assert.NotEqual(last.Epoch, again.Epoch);
            Assert.True(again.TryFind(last, out var offset) && offset == last.Offset, $"Seed {seed}: {offset}");
            Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], HistoryRig.Offsets(again.Read(HistoryRig.Select("**"), 0, last.Offset, int.MaxValue).Records));
        }
    }

    private static SegmentedHistory Open(SimulatedDisk disk, bool branch, int segmentEvents = 10) => new(
        HistoryRig.Unlimited with { SegmentEvents = segmentEvents }, DirectoryStore.Open("disk", disk, new MemoryStream(), NullLogger.Instance, branch), TimeProvider.System,
        NullLogger.Instance, new HistoryMetrics(null), inBackground: false);
}
