using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>Whether a host hears that its Kestrel will cut slow subscribers.</summary>
public sealed class ResponseRateTests
{
    private const int Warning = 5005;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task Host_ListensWithTls_IsWarnedAtItsStartAndNotAgain(bool hasRate, int warnings)
    {
        await using var server = await HubServer.StartAsync(configureKestrel: kestrel => kestrel.Limits.MinResponseDataRate = hasRate ? new KestrelServerLimits().MinResponseDataRate : null);
        Assert.Equal(warnings, server.Logs.Lines.Count(static line => line.Id == Warning));

        using var client = server.CreateHttp2Client();
        using var first = await StreamSubscriber.OpenedAsync(client, "/events?topic=a");
        using var second = await StreamSubscriber.OpenedAsync(client, "/events?topic=b");

        Assert.Equal(warnings, server.Logs.Lines.Count(static line => line.Id == Warning));
        if (hasRate)
        {
            var (level, _, text) = server.Logs.Lines.Single(static line => line.Id == Warning);
            Assert.Equal(LogLevel.Warning, level);
            Assert.Contains("(240 bytes/s after 00:00:05)", text, StringComparison.Ordinal);
            Assert.Contains("Set KestrelServerOptions.Limits.MinResponseDataRate to null", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(HttpProtocols.Http2, 1)]
    [InlineData(HttpProtocols.Http1, 0)]
    public async Task Host_ListensInPlainText_IsWarnedWithItsFirstStreamOverHttp2(HttpProtocols protocols, int warnings)
    {
        using var logs = new LogCollector();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestedTransport();
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        builder.Services.AddSpillway();
        await using var app = builder.Build();
        app.MapSpillway();
        await app.StartAsync(Token);
        Assert.DoesNotContain(logs.Lines, static line => line.Id == Warning);
        using var client = new HttpClient
        {
            BaseAddress = new Uri(app.Urls.Single()),
            DefaultRequestVersion = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var first = await StreamSubscriber.OpenedAsync(client, "/events?topic=a");
        using var second = await StreamSubscriber.OpenedAsync(client, "/events?topic=b");

        Assert.Equal(warnings, logs.Lines.Count(static line => line.Id == Warning));
        await app.StopAsync(Token);
    }
}
