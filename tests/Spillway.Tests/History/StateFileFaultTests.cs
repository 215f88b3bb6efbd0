using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>What the state keeps on a disk that fails.</summary>
public sealed class StateFileFaultTests
{
    [Fact]
    public void Write_SyncFailedBeforeTheProcessWasKilled_NeverLeavesNothing()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var disk = new SimulatedDisk(seed) { TellsIdentities = false };
            StateFileTests.Write(disk, 1);
            disk.FailingSyncs = 1;
            Assert.Throws<IOException>(() => StateFileTests.Write(disk, 2)); // It can be read still, but may be in memory alone.
            disk.Restart(powerLoss: false);
            disk.DiesAt = disk.Steps + 2 + (seed % 4);
            try
            {
                StateFileTests.Write(disk, 3);
            }
            catch (SimulatedCrashException)
            {
                // Wherever it was.
            }

            disk.Restart(powerLoss: true);
            using var file = StateFile.Open(disk);
            Assert.True(file.Last is not null, $"Seed {seed}");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Write_DiskFailsAtRandom_KeepsWhatWasWrittenThroughAPowerLoss(bool tellsIdentities)
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var disk = new SimulatedDisk(seed) { TellsIdentities = tellsIdentities };
            StateFileTests.Write(disk, 1);
            var written = 1;
            using (var file = StateFile.Open(disk))
            {
                disk.FaultRate = 0.3;
                for (var reserved = 4; reserved < 14; reserved++)
                {
                    written = TryWrite(file, reserved) ? reserved : written;
                }
            }

            disk.FaultRate = 0;
            disk.Restart(powerLoss: true);
            using var read = StateFile.Open(disk);
            Assert.True(read.Last?.Reserved >= written, $"Seed {seed}: {written} was written, {read.Last?.Reserved} is there.");
        }
    }

    private static bool TryWrite(StateFile file, long reserved)
    {
        try
        {
            file.Write(StateFileTests.State(reserved));
            return true;
        }
        catch (IOException)
        {
            return false; // It may be there or not.
        }
    }
}
