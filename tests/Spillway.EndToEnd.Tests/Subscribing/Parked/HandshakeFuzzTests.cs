using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing.Parked;

/// <summary>
/// Requests with faults of any kind, and mere noise, in random pieces to a whole hub: each is answered over HTTP, or its connection closed, and nobody else notices. A failure names the seed or, where the hub's log
/// has what an operator would have to read, the seeds since it was last looked at; <c>SPILLWAY_TEST_SCALE=all</c> runs 100,000.
/// </summary>
/// <remarks>SPILLWAY_TEST_SEED=n runs the one request of a seed.</remarks>
public sealed class HandshakeFuzzTests
{
    private const int AtOnce = 16;
    private const int OfOneHub = 2_000; // The collectors of a hub keep every line and measurement.

    private static readonly int? Only = int.TryParse(Environment.GetEnvironmentVariable("SPILLWAY_TEST_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : null;
    private static readonly int Seeds = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 100_000 : 2_000;

    [Theory]
    [OwnSockets]
    public async Task Request_Random_IsAnsweredOrClosedAndDisturbsNobody(HostSockets sockets)
    {
        var answers = new Dictionary<string, int>();
        var (from, to) = Only is { } one ? (one, one + 1) : (0, Seeds);
        for (var first = from; first < to; first += OfOneHub)
        {
            await using var hub = await WatchedHub.StartAsync(sockets, static options => options.WebSocket.CloseTimeout = TimeSpan.FromSeconds(1));
            var last = Math.Min(to, first + OfOneHub);
            for (var seed = first; seed < last; seed += AtOnce)
            {
                foreach (var answer in await Task.WhenAll(Enumerable.Range(seed, Math.Min(AtOnce, last - seed)).Select(seed => RunAsync(hub.Server.Address, seed))))
                {
                    answers[answer] = answers.GetValueOrDefault(answer) + 1;
                }

                await hub.PublishAsync();
            }

            await hub.EndAsync($"Seeds {first} to {last - 1}: ");
        }

        Assert.DoesNotContain(answers.Keys, static answer => answer.StartsWith('5') && answer != "505"); // A version of HTTP that there is not.
        if (Only is null)
        {
            Assert.All(["200", "101", "400", "404", "415", "none"], answer => Assert.True(answers.GetValueOrDefault(answer) > 0, $"None was answered so: {answer}."));
        }
    }

    /// <summary>The status of the first answer.</summary>
    private static async Task<string> RunAsync(Uri address, int seed)
    {
        var random = new Random(seed);
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        var answer = ReadAsync(client);
        try
        {
            foreach (var piece in RandomFrames.Cut(random, RandomRequest.Next(random, address.Authority)))
            {
                await client.SendAsync(piece, TestContext.Current.CancellationToken);
            }

            switch (random.Next(4))
            {
                case 0:
                    client.LingerState = new LingerOption(true, 0);
                    client.Dispose(); // In the midst of whatever it is in.
                    await answer;
                    return "not waited for";
                default:
                    client.Shutdown(SocketShutdown.Send);
                    break;
            }
        }
        catch (SocketException)
        {
            // What it read says whether that was right.
        }

        var text = await answer;
        Assert.True(text.Length == 0 || (text.StartsWith("HTTP/1.", StringComparison.Ordinal) && text.Length > 12), $"Seed {seed}: {text}");
        return text.Length == 0 ? "none" : text[9..12];
    }

    /// <summary>Reads to the end; the beginning of what came.</summary>
    private static async Task<string> ReadAsync(Socket client)
    {
        var (begin, buffer) = ("", new byte[4 * 1024]);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60)); // Real time: only a test that fails waits so long.
        try
        {
            while (await client.ReceiveAsync(buffer, patience.Token) is > 0 and var read)
            {
                begin = begin.Length < 20 ? begin + Encoding.Latin1.GetString(buffer, 0, read) : begin;
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // Cut: by us, or by the hub, because it has not read all.
        }

        return begin;
    }
}
