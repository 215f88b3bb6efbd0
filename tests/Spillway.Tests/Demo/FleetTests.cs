using Spillway.Cli.Demo;

namespace Spillway.Tests.Demo;

public sealed class FleetTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly List<Reading> _readings = [];
    private readonly List<Alert> _alerts = [];

    [Fact]
    public void Advance_TenSeconds_GivesTheRateAndEverySensorItsTurn()
    {
        var fleet = new Fleet(Plant.Place(24), rate: 48, seed: 1, run: "r");

        Run(fleet, TimeSpan.FromSeconds(10));

        Assert.InRange(_readings.Count, 479, 480); // The last may fall due a rounding later.
        Assert.All(_readings.GroupBy(reading => reading.Sensor), sensor => Assert.InRange(sensor.Count(), 19, 20));
        Assert.All(_readings, reading => Assert.Equal("r", reading.Run));
    }

    [Fact]
    public void Advance_AnyTime_NumbersEverySensorWithoutAHole()
    {
        var fleet = new Fleet(Plant.Place(7), rate: 33, seed: 1, run: "r");
        fleet.Continue(3, "earlier", 41);

        Run(fleet, TimeSpan.FromSeconds(20));

        foreach (var sensor in _readings.GroupBy(reading => reading.Sensor))
        {
            var first = sensor.Key == 3 ? 42 : 1;
            Assert.Equal(Enumerable.Range(first, sensor.Count()).Select(number => (long)number), sensor.Select(reading => reading.Sequence));
            Assert.All(sensor, reading => Assert.Equal(sensor.Key == 3 ? "earlier" : "r", reading.Run));
        }
    }

    [Fact]
    public void Advance_TwentyMinutes_RaisesAnAlertAboutEveryTenSecondsAndEndsEach()
    {
        var fleet = new Fleet(Plant.Place(24), rate: 48, seed: 1, run: "r");

        Run(fleet, TimeSpan.FromMinutes(20));

        Assert.InRange(_alerts.Count(alert => alert.Raised), 100, 140);
        foreach (var sensor in _alerts.GroupBy(alert => alert.Sensor))
        {
            Assert.All(sensor.Select((alert, index) => (alert, index)), told => Assert.Equal(told.index % 2 == 0, told.alert.Raised));
        }
    }

    [Fact]
    public void Advance_SlowSensors_AlertsComeAllTheSame()
    {
        var fleet = new Fleet(Plant.Place(60), rate: 5, seed: 1, run: "r"); // A reading of each every 12 s.

        Run(fleet, TimeSpan.FromMinutes(20));

        Assert.InRange(_alerts.Count(alert => alert.Raised), 80, 140);
    }

    [Fact]
    public void Advance_AfterAStall_DoesNotMakeUpForIt()
    {
        var fleet = new Fleet(Plant.Place(24), rate: 48, seed: 1, run: "r");

        fleet.Advance(TimeSpan.FromMinutes(10), Start, _readings, _alerts);

        Assert.Equal(48, _readings.Count);
    }

    [Fact]
    public void Retire_OneSensor_TheOthersGoOn()
    {
        var fleet = new Fleet(Plant.Place(6), rate: 6, seed: 1, run: "r");
        fleet.Retire(2);

        Run(fleet, TimeSpan.FromSeconds(10));

        Assert.Equal([0, 1, 3, 4, 5], _readings.Select(reading => reading.Sensor).Distinct().Order());
    }

    [Fact]
    public void Advance_SameSeed_GivesTheSameReadingsAndAlerts()
    {
        Run(new Fleet(Plant.Place(24), rate: 48, seed: 5, run: "r"), TimeSpan.FromMinutes(1));
        var (readings, alerts) = (_readings.ToArray(), _alerts.ToArray());
        _readings.Clear();
        _alerts.Clear();

        Run(new Fleet(Plant.Place(24), rate: 48, seed: 5, run: "r"), TimeSpan.FromMinutes(1));

        Assert.Equal(readings, _readings);
        Assert.Equal(alerts, _alerts);
    }

    private void Run(Fleet fleet, TimeSpan time)
    {
        for (var at = TimeSpan.Zero; at < time; at += Tick)
        {
            fleet.Advance(Tick, Start + at, _readings, _alerts);
        }
    }
}
