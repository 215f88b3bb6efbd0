using Spillway.Cli.Demo;
using Spillway.Events;

namespace Spillway.Tests.Demo;

public sealed class PlantTests
{
    [Fact]
    public void Place_TwentyFour_SixSensorsAtEachOfFourSites()
    {
        var sensors = Plant.Place(24);

        var perSite = sensors.GroupBy(sensor => sensor.Site).Select(site => (site.Key, site.Count()));
        Assert.Equal([("north", 6), ("east", 6), ("south", 6), ("west", 6)], perSite);
        Assert.Equal("plant/north/press-1/temperature", sensors[0].Topic);
        Assert.Equal("press-1/temperature", sensors[0].Key);
        Assert.Equal("alerts/north", sensors[0].AlertTopic);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(Plant.MaxSensors)]
    public void Place_AnyCount_TopicsAreValidAndUnique(int count)
    {
        var sensors = Plant.Place(count);

        Assert.Equal(count, sensors.Select(sensor => sensor.Topic).Distinct().Count());
        Assert.All(sensors, sensor => Assert.True(Topic.TryValidate(sensor.Topic, out var fault), fault));
    }
}
