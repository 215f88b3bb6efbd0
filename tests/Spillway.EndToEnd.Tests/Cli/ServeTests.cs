using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Spillway.Client;

namespace Spillway.EndToEnd.Tests.Cli;

public sealed class ServeTests : IDisposable
{
    private const int Events = 300;

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serve_KilledAndRestarted_SubscribersGoOnWithoutAGap()
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0", "--data", _data.FullName);
        await using var first = hub;
        await using var subscriber = CommandProcess.Start("subscribe", "--pattern", "**", "--exit-after", $"{Events}", "--hub", url);
        await subscriber.Error.WaitForAsync("connected to", Stop);
        using var publisher = new SpillwayClient(new SpillwayClientOptions
        {
            BaseAddress = new Uri(url),
            PublishAttempts = 100,
            RetryDelay = TimeSpan.FromMilliseconds(50),
            MaxRetryDelay = TimeSpan.FromMilliseconds(50),
        });

        await PublishAsync(publisher, 0, Events / 3);
        await hub.CrashAsync();
        var downtime = PublishAsync(publisher, Events / 3, Events * 2 / 3); // Nobody listens: these are tried again until somebody does.
        await using var second = (await CommandProcess.ServeAsync("--urls", url, "--data", _data.FullName)).Process;
        await downtime;
        await subscriber.Error.WaitForAsync("connected again", Stop);
        await second.SignalAsync("TERM");
        await subscriber.Error.WaitForAsync("The hub asked to connect again", Stop);
        Assert.Equal(0, await second.ExitAsync());
        await using var third = (await CommandProcess.ServeAsync("--urls", url, "--data", _data.FullName)).Process;
        await PublishAsync(publisher, Events * 2 / 3, Events);

        Assert.Equal(0, await subscriber.ExitAsync());
        Assert.Equal(Enumerable.Range(0, Events), subscriber.Out.Lines.Select(static line => int.Parse(line.Split('\t')[3], CultureInfo.InvariantCulture)));
        Assert.DoesNotContain("GAP", subscriber.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, subscriber.Error.Lines.Count(static line => line.Contains("connected again", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Serve_KilledWhileAPublisherWaits_EveryEventIsThereOnce()
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0", "--data", _data.FullName);
        await using var first = hub;
        using var publisher = new SpillwayClient(new SpillwayClientOptions
        {
            BaseAddress = new Uri(url),
            PublishAttempts = 100,
            RetryDelay = TimeSpan.FromMilliseconds(50),
            MaxRetryDelay = TimeSpan.FromMilliseconds(50),
        });

        var publishing = Task.WhenAll(Enumerable.Range(0, 8).Select(i => PublishAsync(publisher, i * Events, (i + 1) * Events)));
        await using var subscriber = CommandProcess.Start("subscribe", "--pattern", "**", "--earliest", "--exit-after", $"{8 * Events}", "--hub", url);
        await subscriber.Out.WaitForAsync("\t100", Stop); // Some are committed, eight are on their way.
        await hub.CrashAsync();
        await using var second = (await CommandProcess.ServeAsync("--urls", url, "--data", _data.FullName)).Process;
        await publishing;

        Assert.Equal(0, await subscriber.ExitAsync());
        Assert.Equal(Enumerable.Range(0, 8 * Events), subscriber.Out.Lines.Select(static line => int.Parse(line.Split('\t')[3], CultureInfo.InvariantCulture)).Order());
        Assert.DoesNotContain("GAP", subscriber.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_Terminated_EndsItsStreamsProperly()
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0");
        await using var _ = hub;
        var address = new Uri(url);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, Stop);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /events?topic=a HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n"), Stop);
        var received = new StringBuilder();
        await ReadUntilAsync(socket, received, "spillway-open");

        await hub.SignalAsync("TERM");
        await ReadUntilAsync(socket, received, null);

        Assert.Contains("event: spillway-drain\n", received.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\r\n0\r\n\r\n", received.ToString(), StringComparison.Ordinal);
        Assert.Equal((0, ""), (await hub.ExitAsync(), hub.Error.ToString()));
    }

    [Theory]
    [InlineData("/nothing/here", 404, "not-found")]
    [InlineData("/", 404, "not-found")]
    [InlineData("/subscribe", 405, "method-not-allowed")]
    public async Task Serve_NothingThere_IsAProblem(string path, int status, string problem)
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0");
        await using var _ = hub;
        using var client = new HttpClient { BaseAddress = new Uri(url) };

        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Stop);

        Assert.Equal((status, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Contains($"urn:spillway:problem:{problem}\"", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_PortInUse_ExitsWith1()
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0");
        await using var _ = hub;

        var second = await CommandProcess.RunAsync(["serve", "--urls", url]);

        Assert.Equal((1, ""), (second.Code, second.Out));
        Assert.Contains($"{url}: address already in use. Stop the process that listens there, or choose another port with --urls.", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_JsonLogs_WritesAnObjectALineToTheError()
    {
        const string Ready = "listening on ";
        await using var hub = CommandProcess.Start("serve", "--urls", "http://127.0.0.1:0", "--log-format", "json", "--log-level", "debug");
        var url = (await hub.Out.WaitForAsync(Ready, Stop))[Ready.Length..];
        await using var subscriber = CommandProcess.Start("subscribe", "a", "--hub", url);
        var connected = await subscriber.Error.WaitForAsync(", connection ", Stop);
        await hub.SignalAsync("TERM");
        Assert.Equal(0, await hub.ExitAsync());

        var lines = hub.Error.Lines.Select(static line => JsonDocument.Parse(line).RootElement).ToArray();

        Assert.Contains(lines, static line => line.GetProperty("Category").GetString()!.StartsWith("Spillway.", StringComparison.Ordinal));
        Assert.All(lines, static line => Assert.Matches(@"^\d{4}-\d\d-\d\dT[\d:.]+Z$", line.GetProperty("Timestamp").GetString()));
        Assert.Single(hub.Out.Lines);

        // What concerns a connection carries the id that its subscriber was told.
        var id = connected.Split(", connection ")[1].TrimEnd('.');
        var ofConnection = lines.Where(line => line.GetProperty("State").TryGetProperty("ConnectionId", out var value) && value.GetString() == id);
        Assert.Equal([5001, OperatingSystem.IsLinux() ? 5030 : 5002], ofConnection.Select(static line => line.GetProperty("EventId").GetInt32()));
    }

    [Fact]
    public async Task Serve_CertificateAndKey_SpeaksHttp2OverTls()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        var (path, keyPath) = (Path.Combine(_data.FullName, "c.pem"), Path.Combine(_data.FullName, "k.pem"));
        await File.WriteAllTextAsync(path, certificate.ExportCertificatePem(), Stop);
        await File.WriteAllTextAsync(keyPath, key.ExportPkcs8PrivateKeyPem(), Stop);
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "https://127.0.0.1:0", "--tls-certificate", path, "--tls-key", keyPath);
        await using var _ = hub;
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, other, _, _) => other?.GetCertHashString() == certificate.GetCertHashString() } })
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var client = new SpillwayClient(http, new SpillwayClientOptions { BaseAddress = new Uri(url) });
        await using var items = client.SubscribeAsync(new SubscribeOptions { Topics = ["a"] }, Stop).GetAsyncEnumerator(Stop);
        await items.MoveNextAsync();

        await client.PublishAsync(new OutgoingEvent { Topic = "a", Text = "x" }, Stop);
        await items.MoveNextAsync();

        Assert.Equal("x", Assert.IsType<ReceivedEvent>(items.Current).Text);
    }

    public void Dispose() => _data.Delete(recursive: true);

    private static async Task PublishAsync(SpillwayClient publisher, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            await publisher.PublishAsync(new OutgoingEvent { Topic = $"t/{i % 7}", Text = i.ToString(CultureInfo.InvariantCulture) }, Stop);
        }
    }

    /// <summary>Reads until a text has come; until the end of the stream where there is none.</summary>
    private static async Task ReadUntilAsync(Socket socket, StringBuilder received, string? text)
    {
        var buffer = new byte[4096];
        while (text is null || !received.ToString().Contains(text, StringComparison.Ordinal))
        {
            var length = await socket.ReceiveAsync(buffer, Stop);
            if (length == 0)
            {
                Assert.Null(text);
                return;
            }

            received.Append(Encoding.UTF8.GetString(buffer, 0, length));
        }
    }
}
