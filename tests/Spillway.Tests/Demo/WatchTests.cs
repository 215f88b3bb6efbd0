using Spillway.Cli.Demo;

namespace Spillway.Tests.Demo;

public sealed class WatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void TrySee_NoiseAroundTheLimit_BeginsOneAlertAndEndsItAtClear()
    {
        var watch = new Watch(SensorKind.Temperature); // Limit 90, clear 84.

        var told = See(watch, 80, 89.9, 90, 88, 91.5, 89, 90.2, 84.1, 84, 85, 89);

        Assert.Equal([(2, true, 90.0, 90.0), (8, false, 84.0, 91.5)], told.Select(alert => ((int)alert.Reading, alert.Raised, alert.Value, alert.Peak)));
        Assert.Equal(Start.AddSeconds(2), told[1].Since);
        Assert.Equal(Start.AddSeconds(8), told[1].Time);
    }

    [Fact]
    public void TrySee_LimitReachedAgain_BeginsAnotherAlertWithAPeakOfItsOwn()
    {
        var watch = new Watch(SensorKind.Temperature);

        var told = See(watch, 99, 80, 91, 80);

        Assert.Equal([99.0, 99.0, 91.0, 91.0], told.Select(alert => alert.Peak));
    }

    [Fact]
    public void Resume_AlertFromBefore_EndsWithoutBeginningAgain()
    {
        var watch = new Watch(SensorKind.Temperature);
        watch.Resume(Start.AddMinutes(-1), peak: 97);

        var told = Assert.Single(See(watch, 92, 70));

        Assert.False(told.Raised);
        Assert.Equal((97.0, Start.AddMinutes(-1)), (told.Peak, told.Since));
    }

    private static List<Alert> See(Watch watch, params double[] values)
    {
        List<Alert> told = [];
        for (var index = 0; index < values.Length; index++)
        {
            if (watch.TrySee(new Reading(0, "r", index, values[index], Start.AddSeconds(index)), out var alert))
            {
                told.Add(alert);
            }
        }

        return told;
    }
}
