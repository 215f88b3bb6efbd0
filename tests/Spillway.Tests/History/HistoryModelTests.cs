using Microsoft.Extensions.Logging.Abstractions;
using Spillway.History.Storage;

namespace Spillway.Tests.History;

/// <summary>Random histories answer like the model. A failure names the seed; <c>SPILLWAY_TEST_SCALE=all</c> runs many more.</summary>
public sealed class HistoryModelTests
{
    private static readonly bool All = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all";

    [Fact]
    public void Questions_RandomHistoryInMemory_AreAnsweredLikeTheModel()
    {
        for (var seed = 0; seed < (All ? 1_000 : 100); seed++)
        {
            Try(seed, static seed =>
            {
                using var run = new HistoryRun(seed, static () => new MemoryStore());
                run.Steps(12);
            });
        }
    }

    [Fact]
    public void Questions_RandomHistoryInDirectoryWithRestarts_AreAnsweredLikeTheModel()
    {
        for (var seed = 0; seed < (All ? 300 : 20); seed++)
        {
            Try(seed, static seed =>
            {
                using var directory = new TemporaryDirectory();
                using var run = new HistoryRun(seed, () => DirectoryStore.Open(directory.Path, NullLogger.Instance), smallestSegment: 20);
                for (var restart = 0; restart < 4; restart++)
                {
                    run.Steps(3);
                    run.Restart();
                }
            });
        }
    }

    private static void Try(int seed, Action<int> run)
    {
        try
        {
            run(seed);
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"Seed {seed} failed: {fault.Message}", fault);
        }
    }
}
