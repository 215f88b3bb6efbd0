using System.Globalization;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Spillway.EndToEnd.Tests.Subscribing.Parked;

/// <summary>A hub whose loops have the sockets themselves, and a subscriber that must notice nothing of what others do to it: it gets every event, in order.</summary>
internal sealed class WatchedHub : IAsyncDisposable
{
    public const string Topic = "topic=a";

    private readonly RawConnection _sibling;
    private int _published;

    private WatchedHub(HubServer server, RawConnection sibling) => (Server, _sibling) = (server, sibling);

    public HubServer Server { get; }

    public static async Task<WatchedHub> StartAsync(
        HostSockets sockets, Action<SpillwayOptions>? more = null, Action<KestrelServerOptions>? kestrel = null, Action<WebApplicationBuilder>? host = null)
    {
        var server = await HubServer.StartAsync(
            options =>
            {
                options.Sse.KeepAlive = TimeSpan.FromHours(1); // What comes is what tests publish.
                more?.Invoke(options);
            },
            configureKestrel: kestrel, configureHost: host, sockets: sockets);
        var sibling = await RawConnection.ConnectAsync(server.Address);
        await sibling.SendAsync(Request(server.Address));
        await sibling.ReadHeadAsync();
        await sibling.ReadEventsAsync(); // The opening.
        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.transports.parked_connections") == 1);
        return new WatchedHub(server, sibling);
    }

    /// <summary>The lines of a subscription.</summary>
    public static string[] Request(Uri address, string version = "1.1", string query = Topic) => [$"GET /events?{query} HTTP/{version}", $"Host: {address.Authority}"];

    /// <summary>A client that has subscribed and read its opening.</summary>
    public async Task<RawConnection> OpenAsync(string version = "1.1", string query = Topic)
    {
        var client = await RawConnection.ConnectAsync(Server.Address);
        await client.SendAsync(Request(Server.Address, version, query));
        await client.ReadHeadAsync();
        await client.ReadUntilAsync(version == "1.0" ? "}\n\n" : "}\n\n\r\n");
        return client;
    }

    /// <summary>Publishes events, which the sibling gets as its next ones. The payload begins with the event's number.</summary>
    public async Task PublishAsync(int events = 1, int bytes = 0)
    {
        for (var last = _published + events; _published < last; _published++)
        {
            await Server.PublishAsync("a", $"{_published} ".PadRight(bytes, '.'));
            var item = Assert.Single(await _sibling.ReadEventsAsync());
            Assert.Equal(_published, int.Parse(item.Data.AsSpan(0, item.Data.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture));
        }
    }

    /// <summary>All that a client is sent up to its end, whatever end that is.</summary>
    public static async Task<string> ReadAllAsync(RawConnection client)
    {
        try
        {
            return await client.ReadToEndAsync();
        }
        catch (SocketException)
        {
            return "";
        }
    }

    public long Count(string name, string? tag = null) => (long)Server.Metrics.Sum(name, tag);

    /// <summary>Connections that the web server ended for a reason.</summary>
    public int GivenUp(string reason) => Server.Metrics.Count("kestrel.connection.duration", reason);

    public long Closed(string reason) => Count("spillway.delivery.closed_connections", reason);

    /// <summary>Returns once there is nobody but the sibling, in no count of any kind; it is served, and nothing was logged that an operator would have to read.</summary>
    /// <param name="what">Begins what a failure says.</param>
    public async Task BeAloneAsync(string what = "")
    {
        await IsLeftAsync(1);
        await PublishAsync();
        var trouble = string.Join('\n', Server.Logs.Lines.Where(static line => line.Level >= LogLevel.Warning && !IsKestrels(line.Text)).Select(static line => line.Text));
        Assert.True(trouble.Length == 0, what + trouble);
    }

    /// <summary>The sibling leaves, too; then nothing is left.</summary>
    public async Task EndAsync(string what = "")
    {
        await BeAloneAsync(what);
        _sibling.HalfClose();
        Assert.Equal("", await _sibling.ReadToEndAsync());
        await IsLeftAsync(0);
    }

    public async ValueTask DisposeAsync()
    {
        _sibling.Dispose();
        Server.Logs.TakeErrors(); // A test that ends has judged them; of one that fails they are told whole.
        await Server.DisposeAsync();
    }

    /// <summary>What Kestrel says, also over its own sockets, and nobody else can prevent: that the machine is busy, and that the body of a request that nobody read has trailers that are not UTF-8.</summary>
    private static bool IsKestrels(string line) => line.Contains("heartbeat", StringComparison.Ordinal)
        || (line.Contains("automatic draining of the request body failed", StringComparison.Ordinal) && line.Contains("GetAsciiOrUTF8String", StringComparison.Ordinal));

    private Task IsLeftAsync(int connections) => HubServer.WaitAsync(() =>
        Count("spillway.delivery.connections") == connections && Count("spillway.transports.parked_connections") == connections
        && Count("spillway.transports.lingering_connections") == 0 && Count("spillway.transports.busy_clients") == 0 && Count("spillway.transports.served_sockets") == 0);
}
