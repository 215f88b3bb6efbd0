namespace Spillway.Tests.History;

/// <summary>Cursors of earlier epochs against a model. A failure names the seed; <c>SPILLWAY_TEST_SCALE=all</c> runs 2,000 of them.</summary>
public sealed class EpochPropertyTests
{
    private static readonly bool All = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all";

    [Fact]
    public void TryFind_CopiesRestoresForksAndCrashes_NoCursorIsMistakenAndNothingIsMissedOrRepeated()
    {
        var (resumed, lost) = (0, 0);
        for (var seed = 0; seed < (All ? 2_000 : 300); seed++)
        {
            try
            {
                using var run = new EpochRun(seed);
                run.Steps(60);
                (resumed, lost) = (resumed + run.Resumed, lost + run.Lost);
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"Seed {seed}: {fault.Message}", fault);
            }
        }

        Assert.True(resumed > 10_000 && lost > 3_000, $"Too little was tried: {resumed} cursors of ancestors were good, of {lost} the rest was lost.");
    }
}
