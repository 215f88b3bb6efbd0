using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Spillway.Cli.Serve;
using Spillway.Client;

namespace Spillway.EndToEnd.Tests.Cli;

public sealed class StalledSubscriberTests
{
    private const int EventBytes = 100_000;
    private const int Events = 60;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Kestrel and the kernel would take 64 KiB and up to 4 MiB: ten thousand like it, all the memory that the kernel has for TCP.</summary>
    [Fact]
    public async Task Serve_SubscriberThatReadsNothing_IsGivenLittle()
    {
        await using var hub = ServeApp.Build(SettingsReader.Read(
            new Dictionary<string, string>(), null, new Dictionary<string, string?> { [SettingsReader.UrlsKey] = "http://127.0.0.1:0", [SettingsReader.LogLevelKey] = "warning" }));
        await hub.StartAsync(Stop);
        var url = new Uri(hub.Urls.First());
        using var stalled = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await stalled.ConnectAsync(url.Host, url.Port, Stop);
        await stalled.SendAsync(Encoding.ASCII.GetBytes($"GET /events?topic=a HTTP/1.1\r\nHost: {url.Authority}\r\n\r\n"), Stop);
        await stalled.ReceiveAsync(new byte[16], SocketFlags.Peek, Stop); // The head: it is subscribed.

        using var client = new SpillwayClient(url);
        for (var i = 0; i < Events; i++)
        {
            await client.PublishAsync(new OutgoingEvent { Topic = "a", Payload = new byte[EventBytes], ContentType = "application/octet-stream" }, Stop);
        }

        using var scraper = new HttpClient { BaseAddress = url };
        var metrics = "";
        for (var look = 0; look < 1_000 && Read(metrics, "spillway_delivery_stalls_total") == 0; look++)
        {
            metrics = await scraper.GetStringAsync("/metrics", Stop);
        }

        Assert.InRange(Read(metrics, "spillway_delivery_written_bytes_total"), 1, 512 * 1024);
    }

    private static long Read(string metrics, string name)
    {
        var line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith(name + ' ', StringComparison.Ordinal));
        return line is null ? 0 : (long)double.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
    }
}
