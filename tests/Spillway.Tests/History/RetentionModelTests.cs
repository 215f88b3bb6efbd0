namespace Spillway.Tests.History;

/// <summary>Rules that keep events by themselves, beside the simplest model. A failure names the seed; <c>SPILLWAY_TEST_SCALE=all</c> runs many more.</summary>
public sealed class RetentionModelTests
{
    private static readonly bool All = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all";

    [Fact]
    public void Clean_RandomRulesInMemory_KeepsWhatIsWithinBoundsAndTellsTheRest() => Run(inMemory: true, seeds: All ? 2_000 : 200);

    [Fact]
    public void Clean_RandomRulesOnADiskThatLosesPower_KeepsWhatIsWithinBoundsAndTellsTheRest() => Run(inMemory: false, seeds: All ? 2_000 : 200);

    private static void Run(bool inMemory, int seeds)
    {
        var rewritten = 0d;
        for (var seed = 0; seed < seeds; seed++)
        {
            try
            {
                using var run = new RetentionRun(seed, inMemory);
                for (var step = 0; step < 16; step++)
                {
                    run.Step();
                }

                rewritten += run.Rewritten;
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"Seed {seed}: {fault.Message}", fault);
            }
        }

        Assert.True(rewritten > seeds, $"Too little was tried: {rewritten} segments cleaned.");
    }
}
