using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spillway.Delivery;
using Spillway.EndToEnd.Tests.Subscribing.WebSocket;
using Spillway.EndToEnd.Tests.TransportContract;
using Spillway.Hub;

namespace Spillway.EndToEnd.Tests.Subscribing.Parked;

/// <summary>What stands between the endpoint and the client, and so between a stream and the loops.</summary>
public sealed class MiddlewareTests
{
    private const int MiddlewareBetween = 5042; // A log event.
    private const string Hosted = "spillway.transports.hosted_streams";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [OwnSockets]
    public async Task Stream_BehindResponseCompression_StaysHostedAndTheHostIsToldOnce(HostSockets sockets)
    {
        await using var server = await HubServer.StartAsync(configureHost: Compress, sockets: sockets);
        for (var i = 1; i <= 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/events?topic=a");
            request.Headers.Add("Accept-Encoding", "gzip");
            using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            await HubServer.WaitAsync(() => server.Metrics.Sum(Hosted, "middleware") == i);
            Assert.Equal(0, server.Metrics.Sum("spillway.transports.parked_connections"));
        }

        var (level, _, text) = Assert.Single(server.Logs.Lines, static line => line.Id == MiddlewareBetween);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains("app.UseWhen", text, StringComparison.Ordinal);
    }

    /// <summary>Nothing of an upgraded connection passes through what changes responses.</summary>
    [Theory]
    [OwnSockets]
    public async Task WebSocket_BehindResponseCompression_IsParked(HostSockets sockets)
    {
        await using var server = await HubServer.StartAsync(configureHost: Compress, sockets: sockets);
        using var socket = await WireSocket.OpenAsync(server, more: "Accept-Encoding: gzip");
        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.transports.parked_connections") == 1);

        await server.PublishAsync("a", "there");

        Assert.Contains("there", (await socket.ReadAsync()).ToString(), StringComparison.Ordinal);
        Assert.Equal(0, server.Metrics.Sum(Hosted));
        Assert.DoesNotContain(server.Logs.Lines, static line => line.Id == MiddlewareBetween);
    }

    [Theory]
    [OwnSockets(false, null)]
    [OwnSockets(true, "protocol")]
    public async Task Stream_OfEachVersionOfHttp_IsCountedWhereItStays(HostSockets sockets, bool http2, string? reason)
    {
        await using var server = await HubServer.StartAsync(sockets: sockets);
        using var secure = server.CreateHttp2Client();
        using var stream = await StreamSubscriber.OpenedAsync(http2 ? secure : server.Client, "/events?topic=a");
        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.transports.parked_connections") + server.Metrics.Sum(Hosted, "protocol") == 1);

        Assert.Equal(reason is null ? 0 : 1, server.Metrics.Sum(Hosted, reason));
    }

    /// <summary>Subscribed in another format first, each event would be encoded in both for a moment.</summary>
    [Theory]
    [TransportCases]
    public async Task Subscribe_EachCase_IsInTheFormatThatTheConnectionHas(TransportCase @case)
    {
        var asked = new System.Collections.Concurrent.ConcurrentQueue<WireFormat>();
        await using var server = await ContractHub.StartAsync(
            @case, configureHost: builder => builder.Services.AddSingleton<ISubscriptions>(services => new Recorder(services.GetRequiredService<PushHub>(), asked)));

        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a");
        var reading = subscriber.NextEventAsync();
        await server.WaitForConnectionsAsync(1);
        await server.PublishAsync("a", "there");
        Assert.Equal("there", (await reading).Text);

        var chunked = @case.IsParked && !@case.IsWebSocket;
        Assert.All(asked, format => Assert.Equal(chunked, format is WireFormat.SseRawChunked or WireFormat.SseJsonChunked));
        Assert.NotEmpty(asked);
    }

    private static void Compress(WebApplicationBuilder builder)
    {
        builder.Services.AddResponseCompression(static options => options.MimeTypes = ["text/event-stream"]);
        builder.Services.Configure<Microsoft.AspNetCore.ResponseCompression.GzipCompressionProviderOptions>(static options => options.Level = CompressionLevel.Fastest);
        builder.Services.AddSingleton<IStartupFilter, CompressionFirst>();
    }

    private sealed class CompressionFirst : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.UseResponseCompression();
            next(app);
        };
    }

    private sealed class Recorder(PushHub hub, System.Collections.Concurrent.ConcurrentQueue<WireFormat> asked) : ISubscriptions
    {
        public ValueTask<Subscription?> SubscribeAsync(SubscriptionRequest request, CancellationToken cancellationToken)
        {
            asked.Enqueue(request.Format);
            return hub.SubscribeAsync(request, cancellationToken);
        }

        public int NextRetryMilliseconds() => hub.NextRetryMilliseconds();
    }
}
