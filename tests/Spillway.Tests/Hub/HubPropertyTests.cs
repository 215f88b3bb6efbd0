using System.Globalization;

namespace Spillway.Tests.Hub;

/// <summary>
/// Publishers, subscribers, stalls, cut writes, reconnects and changes of rules at the same time, on a window so small that everybody falls out of it; then every subscriber's
/// bytes are compared with what was published, by the model of the scripts (Delivery/Model).
/// </summary>
/// <remarks>Threads make each run another one: what a seed decides is what is published, and who asks for what. SPILLWAY_TEST_SEED=n runs one seed.</remarks>
public sealed class HubPropertyTests
{
    public static TheoryData<int> Seeds
    {
        get
        {
            if (int.TryParse(Environment.GetEnvironmentVariable("SPILLWAY_TEST_SEED"), CultureInfo.InvariantCulture, out var only))
            {
                return [only]; // To run a failure again.
            }

            var all = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all";
            return [.. Enumerable.Range(1, all ? 400 : 24)];
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Hub_PublishersStallsReconnectsAndNewRules_DeliversInOrderAndTellsEveryLoss(int seed)
    {
        await using var run = new HubRun(seed);
        await run.JudgeAsync();
    }
}
