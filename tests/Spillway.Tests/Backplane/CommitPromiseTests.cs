namespace Spillway.Tests.Backplane;

/// <summary>Every level's promise, through crashes, power losses and faults. A failure names the seed; <c>SPILLWAY_TEST_SCALE=all</c> runs 10,000 of them.</summary>
public sealed class CommitPromiseTests
{
    private static readonly bool All = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all";

    [Fact]
    public void Publish_SimulatedDiskLosesTearsAndFails_KeepsWhatWasPromised()
    {
        var (promised, faults) = (0, 0);
        for (var seed = 0; seed < (All ? 10_000 : 300); seed++)
        {
            try
            {
                using var run = new CommitRun(seed);
                run.Live();
                (promised, faults) = (promised + run.Promised, faults + run.Faults);
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"Seed {seed}: {fault.Message}", fault);
            }
        }

        Assert.True(promised > 3_000 && faults > 300, $"Too little was tried: {promised} batches promised, {faults} faults.");
    }
}
