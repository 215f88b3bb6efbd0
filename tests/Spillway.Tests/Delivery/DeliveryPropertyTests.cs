using System.Globalization;
using Spillway.Tests.Delivery.Model;
using Xunit.Sdk;

namespace Spillway.Tests.Delivery;

/// <summary>
/// Random histories of one loop, every policy in every mix, against a model that is only lists: what is missing must be told, or superseded, or expired, once. One thread and no real
/// time: a script that fails fails again, and is made as small as it gets before it is shown.
/// </summary>
/// <remarks>SPILLWAY_TEST_SEED=n runs the one script of a seed; SPILLWAY_TEST_FIRST=n begins with that seed instead of 0.</remarks>
public sealed class DeliveryPropertyTests
{
    private const int ScriptsPerCase = 250;

    public static TheoryData<int> Cases
    {
        get
        {
            var all = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all";
            return [.. Only is null ? Enumerable.Range(0, all ? 10_000 / ScriptsPerCase : 1) : [0]];
        }
    }

    private static int? Only => NumberIn("SPILLWAY_TEST_SEED");

    private static int First => NumberIn("SPILLWAY_TEST_FIRST") ?? 0;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Loop_AnyScript_DeliversOrTellsEveryEventOnce(int number)
    {
        foreach (var seed in Only is { } only ? [only] : Enumerable.Range(First + (number * ScriptsPerCase), ScriptsPerCase))
        {
            var script = Script.Random(seed);
            if (FaultOf(script) is null)
            {
                continue;
            }

            var smallest = Script.Shrink(script, static smaller => FaultOf(smaller) is not null);
            throw new XunitException(
                $"Seed {seed}, {smallest.Count} of {script.Count} steps:{Environment.NewLine}{string.Join(Environment.NewLine, smallest)}{Environment.NewLine}{FaultOf(smallest)}");
        }
    }

    private static int? NumberIn(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static Exception? FaultOf(List<Step> script)
    {
        try
        {
            ScriptRun.Judge(script);
            return null;
        }
#pragma warning disable CA1031 // Whatever a script makes of the loop is a fault to be shown.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return fault;
        }
    }
}
