using Spillway.Cli.Demo;
using Spillway.Client;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Demo;

public sealed class FleetMemoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);

    private readonly List<Reading> _readings = [];
    private readonly List<Alert> _alerts = [];

    [Fact]
    public async Task RecallAsync_EarlierFleet_NumberingGoesOnAndItsAlertEnds()
    {
        await using var server = await HubServer.StartAsync();
        using var client = new SpillwayClient(server.Address);
        var sensors = Plant.Place(3);
        await PublishAsync(client, Wire.Write(sensors[0], new Reading(0, "0000000a", 41, 92, Start)));
        await PublishAsync(client, Wire.Write(sensors[0], new Alert(0, true, 92, 93.5, Start, Start, "0000000a", 41)));
        await PublishAsync(client, Wire.Write(sensors[0], new Reading(0, "0000000a", 42, 91, Start)));
        await PublishAsync(client, Wire.Write(sensors[1], new Reading(1, "0000000a", 7, 3, Start)));
        await server.PublishAsync("plant/north/press-1/pressure", "a visitor's");

        var fleet = new Fleet(sensors, rate: 30, seed: 1, run: "0000000b");
        var known = await FleetMemory.RecallAsync(fleet, client, TimeProvider.System, TestContext.Current.CancellationToken);
        fleet.Advance(TimeSpan.FromMilliseconds(100), Start.AddMinutes(1), _readings, _alerts);

        Assert.Equal(2, known);
        Assert.Equal([("0000000a", 43L), ("0000000a", 8L), ("0000000b", 1L)], _readings.Select(reading => (reading.Run, reading.Sequence)));
        var ended = Assert.Single(_alerts);
        Assert.Equal((0, false, 93.5, Start), (ended.Sensor, ended.Raised, ended.Peak, ended.Since));
    }

    [Fact]
    public async Task RecallAsync_EmptyHub_EverySensorBeginsAtOne()
    {
        await using var server = await HubServer.StartAsync();
        using var client = new SpillwayClient(server.Address);
        var fleet = new Fleet(Plant.Place(3), rate: 30, seed: 1, run: "0000000b");

        var known = await FleetMemory.RecallAsync(fleet, client, TimeProvider.System, TestContext.Current.CancellationToken);
        fleet.Advance(TimeSpan.FromMilliseconds(100), Start, _readings, _alerts);

        Assert.Equal(0, known);
        Assert.All(_readings, reading => Assert.Equal(("0000000b", 1), (reading.Run, reading.Sequence)));
        Assert.Empty(_alerts);
    }

    private static Task<PublishReceipt> PublishAsync(SpillwayClient client, OutgoingEvent source) => client.PublishAsync(source, TestContext.Current.CancellationToken);
}
