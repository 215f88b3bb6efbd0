using Spillway.History.Storage;

namespace Spillway.Tests.History;

/// <summary>Copies that are not whole, or to which something was added.</summary>
public sealed class BranchDamageTests : IDisposable
{
    private const int StateLost = 2541;
    private readonly DirectoryRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Open_SegmentsOfTheOriginalAreAddedToTheCopyLater_AreNotServed()
    {
        var limits = HistoryRig.Unlimited with { SegmentEvents = 3 };
        using var directory = new TemporaryDirectory();
        using var copy = new TemporaryDirectory();
        using var original = _rig.Open(directory.Path, limits);
        original.AppendMany(7);
        directory.CopyTo(copy);
        original.AppendMany(7);
        long[] expected;
        using (var branch = _rig.Open(copy.Path, limits))
        {
            branch.AppendMany(2);
            expected = branch.Read(0, "**");
        }

        foreach (var segment in directory.Segments) // What rsync would add, and the longer version of one that both have.
        {
            File.Copy(segment, Path.Combine(copy.Path, Path.GetFileName(segment)), overwrite: true);
        }

        using var again = _rig.Open(copy.Path, limits);

        Assert.Equal(9, expected.Length);
        Assert.Equal(expected, again.Read(0, "**"));
        Assert.NotEmpty(Directory.GetFiles(copy.Path, "*.foreign"));
    }

    [Fact]
    public void Open_StateIsGone_BeginsANewEpochThatKnowsTheSegments()
    {
        var limits = HistoryRig.Unlimited with { SegmentEvents = 3 };
        using var directory = new TemporaryDirectory();
        using var copy = new TemporaryDirectory();
        using var original = _rig.Open(directory.Path, limits);
        original.AppendMany(3);
        original.History.Sync();
        original.AppendMany(2);
        directory.CopyTo(copy);
        (ulong Epoch, long Head) middle;
        using (var branch = _rig.Open(copy.Path, limits))
        {
            branch.AppendMany(5);
            middle = (branch.History.Epoch, branch.History.Head);
        }

        File.Delete(Path.Combine(copy.Path, "state"));
        using var rig = _rig.Open(copy.Path, limits);

        Assert.Contains(StateLost, _rig.LogIds);
        Assert.Equal(10, rig.Read(0, "**").Length);
        Assert.True(rig.History.NextOffset > middle.Head + DirectoryStore.ReservedOffsets);
        rig.CheckFind(middle.Epoch, middle.Head, isHere: true, middle.Head);
        rig.CheckFind(middle.Epoch, middle.Head + 1, isHere: false, middle.Head);
        rig.CheckFind(original.History.Epoch, 3, isHere: true, 3);
        rig.CheckFind(original.History.Epoch, 4, isHere: false, 3); // It is, but what was not known to be synced was written again by the copy, under its own epoch.
    }

    [Fact]
    public void Open_EndOfTheCopyIsDamaged_PartsBeforeIt()
    {
        using var directory = new TemporaryDirectory();
        using var copy = new TemporaryDirectory();
        using var original = _rig.Open(directory.Path);
        original.AppendMany(8);
        directory.CopyTo(copy);
        using (var file = new FileStream(copy.Segment, FileMode.Open))
        {
            file.SetLength(file.Length - 1);
        }

        using var branch = _rig.Open(copy.Path);

        branch.CheckFind(original.History.Epoch, 7, isHere: true, 7);
        branch.CheckFind(original.History.Epoch, 8, isHere: false, 7);
    }

    [Fact]
    public void Open_RetentionDroppedWhatTheAncestorWrote_StillCountsWhatIsMissing()
    {
        var limits = HistoryRig.Unlimited with { SegmentEvents = 5, MaxEvents = 10 };
        using var directory = new TemporaryDirectory();
        using var copy = new TemporaryDirectory();
        using (var original = _rig.Open(directory.Path, limits))
        {
            for (var i = 0; i < 22; i++)
            {
                original.Append("t");
                original.History.Sync();
                original.History.Settle(); // Seals what is full: its sidecar outlives it.
            }
        }

        directory.CopyTo(copy);
        using var branch = _rig.Open(copy.Path, limits);

        var missing = branch.History.Read(HistoryRig.Select("**"), 2, branch.History.Head, int.MaxValue).Missing!;

        Assert.Equal((2L, branch.History.Tail, branch.History.Tail - 2), (missing.From, missing.To, missing.Count));
    }
}
