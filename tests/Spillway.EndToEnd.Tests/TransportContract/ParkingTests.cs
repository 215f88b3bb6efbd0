using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Who serves a connection, and what Kestrel and the log see of one that it gives away.</summary>
public sealed partial class ParkingTests
{
    private const string ParkedEnded = "Parked connection";

    [Theory]
    [TransportCases]
    public async Task Open_EachCase_IsParkedWhereItCanBe(TransportCase @case)
    {
        await using var server = await ContractHub.StartAsync(@case);
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a");
        var reading = subscriber.NextEventAsync();
        await server.WaitForConnectionsAsync(1);

        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.transports.parked_connections") == (@case.IsParked ? 1 : 0));
        if (@case.OwnSockets)
        {
            await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.transports.served_sockets") == (@case.IsParked ? 0 : 1)); // Kestrel has forgotten it.
        }

        await server.PublishAsync("a", "there");
        Assert.Equal("there", (await reading).Text);
    }

    [Theory]
    [TransportCases]
    public async Task Open_Parked_TheRequestHasEndedAsAnyOther(TransportCase @case)
    {
        await using var server = await ContractHub.StartAsync(@case);
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a&last=1");
        if (!@case.IsParked)
        {
            return; // Its request lives as long as its stream; what it ends with is tested where that is.
        }

        var request = await server.NextRequestAsync();
        Assert.Equal((int)@case.Opened, await request.Status);
        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.transports.parked_connections") == 1);

        Assert.False(request.WasAborted);
        Assert.DoesNotContain(server.Logs.Lines, static line => line.Level >= LogLevel.Warning || Trouble().IsMatch(line.Text));
    }

    [Theory]
    [TransportCases]
    public async Task End_Parked_TheLogTellsReasonBytesDurationAndPosition(TransportCase @case)
    {
        if (!@case.IsParked)
        {
            return; // What is hosted is told of by its endpoint, and by Kestrel.
        }

        await using var server = await ContractHub.StartAsync(@case);
        string id;
        await using (var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a"))
        {
            id = subscriber.Opening!.Text("connection")!;
            await server.PublishAsync("a", "one");
            await subscriber.NextEventAsync();
        }

        await HubServer.WaitAsync(() => server.Logs.Lines.Any(static line => line.Text.StartsWith(ParkedEnded, StringComparison.Ordinal)));
        var told = EndLine().Match(server.Logs.Lines.Single(static line => line.Text.StartsWith(ParkedEnded, StringComparison.Ordinal)).Text);
        Assert.Equal((id, @case.IsWebSocket ? "websocket" : "sse", "ClientClosed", "1"), (told.Groups["id"].Value, told.Groups["transport"].Value, told.Groups["reason"].Value, told.Groups["offset"].Value));
        Assert.InRange(int.Parse(told.Groups["bytes"].Value, CultureInfo.InvariantCulture), 10, 400);
    }

    [GeneratedRegex("abort|exception|reset|stopped abnormally", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Trouble();

    [GeneratedRegex(@"^Parked connection (?<id>c-\w+) \((?<transport>\w+)\) ended: (?<reason>\w+), after (?<bytes>\d+) bytes and [\d:.]+, at offset (?<offset>\d+)\.$", RegexOptions.CultureInvariant)]
    private static partial Regex EndLine();
}
