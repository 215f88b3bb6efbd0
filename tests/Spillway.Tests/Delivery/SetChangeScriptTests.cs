using System.Globalization;
using Spillway.Tests.Delivery.Model;
using Xunit.Sdk;

namespace Spillway.Tests.Delivery;

/// <summary>Connections that change what they are subscribed to, at every place of a write, a page and a replay; on one thread, so that a seed that fails fails again.</summary>
/// <remarks>SPILLWAY_TEST_SEED=n runs the one history of a seed.</remarks>
public sealed class SetChangeScriptTests
{
    private const int RunsPerCase = 250;

    private static int? Only => int.TryParse(Environment.GetEnvironmentVariable("SPILLWAY_TEST_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : null;

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Only is null && Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 4_000 / RunsPerCase : 1)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task ChangeAsync_AnyMoment_DeliversEachSetFromWhereItIsSaidToBegin(int number)
    {
        var changes = 0;
        foreach (var seed in Only is { } only ? [only] : Enumerable.Range(number * RunsPerCase, RunsPerCase))
        {
            using var run = new SetChangeRun(seed);
            try
            {
                await run.JudgeAsync();
            }
#pragma warning disable CA1031 // Whatever a run makes of the loop is a fault to be shown, with its seed.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                throw new XunitException($"Seed {seed}: {fault}");
            }

            changes += run.Changes;
        }

        Assert.True(Only is not null || changes > RunsPerCase, $"Too little was tried: {changes} changes.");
    }
}
