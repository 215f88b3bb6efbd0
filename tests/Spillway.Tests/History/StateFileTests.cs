using System.Buffers.Binary;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

public sealed class StateFileTests
{
    private const int NoRoom = 28; // ENOSPC
    private const int SecondCopy = 2_048;

    private static readonly EpochChain Chain = new(7, [new Ancestor(6, 60), new Ancestor(5, 50)]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Open_AfterWrites_GivesTheLastOne(bool tellsIdentities)
    {
        var disk = new SimulatedDisk(1) { TellsIdentities = tellsIdentities };
        Write(disk, 1, 2, 3);

        Check(disk, 3);
    }

    [Fact]
    public void Open_FilesCannotBeToldApartAndTheLastWriteIsTorn_GivesTheOneBefore()
    {
        var disk = new SimulatedDisk(1) { TellsIdentities = false };
        Write(disk, 1, 2, 3);

        Clear(disk, SecondCopy + 40, 8); // Writes 1 and 3 stand in the second place.

        Check(disk, 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(SecondCopy)]
    public void Open_OneCopyIsDamaged_GivesTheSame(int at)
    {
        var disk = new SimulatedDisk(1);
        Write(disk, 1, 2, 3);

        Clear(disk, at + 40, 8);

        Check(disk, 3);
    }

    [Fact]
    public void Write_NoRoomForANewFile_WritesIntoTheOldOneAndKeepsWhatItIs()
    {
        using var directory = new TemporaryDirectory();
        var disk = new WatchedDisk(directory.Path);
        Write(disk, 1);
        disk.OnCreate = static _ => throw new IOException("No space left on device", NoRoom);
        Write(disk, 2, 3);
        disk.OnCreate = null;

        Check(disk, 3);
        Assert.Equal(["state"], disk.List());
    }

    [Fact]
    public void Write_SyncOfTheNewFileFails_WritesIntoTheOldOne()
    {
        var disk = new SimulatedDisk(1);
        Write(disk, 1);
        disk.FailingSyncs = 1;
        Write(disk, 2);

        disk.Restart(powerLoss: true);

        Check(disk, 2);
    }

    [Fact]
    public void Write_EverySyncFails_ThrowsAndLaterUsesANewFile()
    {
        var disk = new SimulatedDisk(1);
        Write(disk, 1);
        using (var file = StateFile.Open(disk))
        {
            disk.FailingSyncs = 2; // Of the new file, and of the old one.
            Assert.Throws<IOException>(() => file.Write(State(2)));
            file.Write(State(3));
        }

        disk.Restart(powerLoss: true);

        Check(disk, 3);
    }

    [Fact]
    public void Write_DiesAtAnyStep_LeavesThisStateOrTheOneBefore()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var disk = new SimulatedDisk(seed) { TellsIdentities = seed % 5 > 0 };
            Write(disk, 1, 2);
            disk.DiesAt = disk.Steps + 1 + (seed % 9);
            var isWritten = false;
            try
            {
                Write(disk, 3);
                isWritten = true;
            }
            catch (SimulatedCrashException)
            {
                // The process is dead; the next one finds what there is.
            }

            disk.Restart(powerLoss: seed % 2 == 0);
            using var file = StateFile.Open(disk);
            Assert.True(file.Last!.Reserved == 3 || (file.Last.Reserved == 2 && !isWritten), $"Seed {seed}: {file.Last.Reserved}");
            Assert.False(file.IsCopy);
        }
    }

    [Fact]
    public void Open_FilesWereCopied_IsACopyUntilItIsWritten()
    {
        var (disk, other) = (new SimulatedDisk(1), new SimulatedDisk(2));
        Write(disk, 1);
        other.CopyFrom(disk);

        using (var copy = StateFile.Open(other))
        {
            Assert.Equal((true, 1L), (copy.IsCopy, copy.Last!.Reserved));
            copy.Write(State(2));
        }

        Check(other, 2);
        Check(disk, 1);
    }

    [Fact]
    public void Open_OldContentWasWrittenOverTheFile_IsACopy()
    {
        using var backup = new TemporaryDirectory();
        using var directory = new TemporaryDirectory();
        Write(new RealDisk(directory.Path), 1);
        directory.CopyTo(backup);
        Write(new RealDisk(directory.Path), 2);

        backup.CopyTo(directory); // As cp does: the file stays the one that it was.

        using var file = StateFile.Open(new RealDisk(directory.Path));
        Assert.Equal((true, 1L), (file.IsCopy, file.Last!.Reserved));
    }

    [Fact]
    public void Open_DirectoryHasAnotherName_IsNoCopy()
    {
        using var directory = new TemporaryDirectory();
        Write(new RealDisk(directory.Path), 1);
        var moved = directory.Path + ".moved";

        Directory.Move(directory.Path, moved);
        Check(new RealDisk(moved), 1);

        Directory.Move(moved, directory.Path);
    }

    [Fact]
    public void Open_FilesCouldNotBeToldApartWhenItWasWritten_IsNotChecked()
    {
        var (disk, other) = (new SimulatedDisk(1) { TellsIdentities = false }, new SimulatedDisk(2));
        Write(disk, 1);
        other.CopyFrom(disk);

        Check(other, 1);
    }

    [Fact]
    public void Open_AsManyAncestorsAsThereMayBe_GivesThemAll()
    {
        var disk = new SimulatedDisk(1);
        var chain = new EpochChain(1_000, []);
        for (var i = 1; i <= 100; i++)
        {
            chain = chain.Branch(1_000 + (ulong)i, i * 10);
        }

        using (var file = StateFile.Open(disk))
        {
            file.Write(new HistoryState(chain, 5_000, 0));
        }

        using var again = StateFile.Open(disk);
        Assert.Equal(Enumerable.Range(0, EpochChain.MaxAncestors).Select(static i => new Ancestor(1_099 - (ulong)i, 1_000 - (i * 10))), again.Last!.Chain.Ancestors);
    }

    [Fact]
    public void Open_RandomBytesWithAGoodChecksum_NeverBreaks()
    {
        var random = new Random(20_260_131);
        for (var run = 0; run < 2_000; run++)
        {
            var disk = new SimulatedDisk(run);
            Write(disk, 1);
            using (var file = disk.Open("state", writable: true))
            {
                var bytes = new byte[104];
                file.Read(0, bytes);
                bytes[random.Next(12, 32)] = (byte)random.Next(256);
                bytes.AsSpan(12, 4).Clear();
                var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(16));
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), RecordChecksum.Compute(bytes.AsSpan(0, Math.Clamp(length, 0, bytes.Length)), 0));
                file.Write(0, bytes);
                file.Write(SecondCopy, bytes);
            }

            using var read = StateFile.Open(disk);
            Assert.True(read.Last is null || read.Last.Chain.Epoch == 7);
        }
    }

    internal static HistoryState State(long reserved) => new(Chain, reserved, reserved == 3 ? 2 : 0);

    internal static void Write(IDisk disk, params long[] states)
    {
        using var file = StateFile.Open(disk);
        foreach (var reserved in states)
        {
            file.Write(State(reserved));
        }
    }

    private static void Check(IDisk disk, long reserved)
    {
        using var file = StateFile.Open(disk);
        Assert.False(file.IsCopy);
        Assert.Equal((7ul, reserved, State(reserved).Next), (file.Last!.Chain.Epoch, file.Last.Reserved, file.Last.Next));
        Assert.Equal(Chain.Ancestors, file.Last.Chain.Ancestors);
    }

    private static void Clear(SimulatedDisk disk, int at, int length)
    {
        using var file = disk.Open("state", writable: true);
        file.Write(at, new byte[length]);
    }
}
