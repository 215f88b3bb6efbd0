using System.Net.Sockets;
using System.Text;

namespace Spillway.EndToEnd.Tests.Cli;

/// <summary>A process whose descriptors run out. One of its own: in the tests' process others take some, and give them back.</summary>
public sealed class DescriptorTests
{
    private const int Limit = 450;
    private const int Reserve = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("auto")]
    [InlineData("managed-socket")]
    public async Task Serve_DescriptorsRunOut_StopsAcceptingServesOnAndResumes(string parking)
    {
        var config = Path.GetTempFileName();
        await File.WriteAllTextAsync(config, $"{{\"Spillway\":{{\"Transports\":{{\"DescriptorLimit\":{Limit},\"DescriptorReserve\":{Reserve},\"Parking\":\"{parking}\"}}}}}}", Stop);
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0", "--config", config);
        await using var stopped = hub;
        using var http = new HttpClient { BaseAddress = new Uri(url) }; // One connection, kept.
        var subscribers = new List<Socket>();
        while (await MetricAsync(http, "accepting_paused") == 0)
        {
            Assert.True(subscribers.Count < Limit, "Accepting never stops.");
            subscribers.Add(await SubscribeAsync(url));
            await ReadUntilAsync(subscribers[^1], "spillway-open").WaitAsync(Patience, Stop);
        }

        using var waiting = await SubscribeAsync(url); // The kernel has it.
        using var published = await http.PostAsync(new Uri("/topics/a", UriKind.Relative), new StringContent("while it is full"), Stop);
        Assert.True(published.IsSuccessStatusCode);
        await ReadUntilAsync(subscribers[^1], "while it is full").WaitAsync(Patience, Stop);
        Assert.InRange(Directory.GetFileSystemEntries($"/proc/{hub.Id}/fd").Length, 1, Limit - Reserve + 10); // The kept ones are there for files.
        Assert.Equal(1, await MetricAsync(http, "accept_pauses_total"));
        Assert.Equal("{\"status\":\"full\"}", await ReadyAsync(http));

        foreach (var subscriber in subscribers.Take(Reserve / 2))
        {
            subscriber.Dispose();
        }

        await ReadUntilAsync(waiting, "spillway-open").WaitAsync(Patience, Stop);
        Assert.Equal("{\"status\":\"ready\"}", await ReadyAsync(http));
        await hub.Error.WaitForAsync("accept", Stop); // The operator was warned.
        foreach (var subscriber in subscribers.Skip(Reserve / 2))
        {
            subscriber.Dispose();
        }

        File.Delete(config);
    }

    private static async Task<string> ReadyAsync(HttpClient http)
    {
        using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Stop);
        return await answer.Content.ReadAsStringAsync(Stop);
    }

    private static async Task<Socket> SubscribeAsync(string url)
    {
        var hub = new Uri(url);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(hub.Host, hub.Port, Stop);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /events?topic=a HTTP/1.1\r\nHost: {hub.Authority}\r\n\r\n"), Stop);
        return socket;
    }

    private static async Task ReadUntilAsync(Socket socket, string text)
    {
        var (read, buffer) = (new StringBuilder(), new byte[4_096]);
        while (!read.ToString().Contains(text, StringComparison.Ordinal))
        {
            var length = await socket.ReceiveAsync(buffer, Stop);
            Assert.True(length > 0, $"The connection ended after: {read}");
            read.Append(Encoding.UTF8.GetString(buffer, 0, length));
        }
    }

    private static async Task<double> MetricAsync(HttpClient http, string name)
    {
        var lines = (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Stop)).Split('\n');
        var prefix = "spillway_transports_" + name;
        return lines.Where(line => line.StartsWith(prefix, StringComparison.Ordinal)).Sum(static line => double.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
