using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Spillway.EndToEnd.Tests.Cli;

namespace Spillway.EndToEnd.Tests.Subscribing.Parked;

/// <summary>Clients that come and go as they like, for as long as it takes to find what each leaves behind. <c>SPILLWAY_TEST_SCALE=all</c>: 100,000 connects and more.</summary>
public sealed class ChurnTests : IDisposable
{
    private const int AtOnce = 48;
    private const int Stalled = 64; // Meanwhile.
    private const int WarmUp = 6_000; // A machine that is busy publishes less meanwhile.
    private const int FillingEvent = 60_000; // Bytes: what is bounded, the window in each format and history, is full before anything is measured.

    private static readonly int Clients = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 100_000 : 2_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Real time: only a test that fails waits so long.

    private static readonly string[] Gauges =
    [
        "spillway_hub_opening_connections", "spillway_delivery_connections", "spillway_transports_parked_connections", "spillway_transports_lingering_connections", "spillway_transports_busy_clients",
    ];

    private readonly string _file = Path.GetTempFileName();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("auto")]
    [InlineData("managed-socket")]
    public async Task Serve_ClientsComeAndGo_NothingOfThemIsLeft(string parking)
    {
        await File.WriteAllTextAsync(
            _file, """{ "Spillway": { "History": { "MaxBytes": 4194304, "MaxEvents": 1000 }, "Delivery": { "WindowEvents": 1024, "WindowBytes": 4194304 }, "WebSocket": { "CloseTimeout": "1s" }, "Transports": { "Parking": "PARKING" } } }""".Replace("PARKING", parking, StringComparison.Ordinal), Stop);
        // All code is compiled on its first call: what the runtime compiles again when it is hot would be counted as memory of clients.
        await using var hub = CommandProcess.Start(
            "env", ["DOTNET_TieredCompilation=0", CommandProcess.Executable, "serve", "--log-level", "warning", "--urls", "http://127.0.0.1:0", "--debug-endpoints", "--config", _file]);
        var address = new Uri(await hub.ListensAsync());
        using var scraper = new HttpClient { BaseAddress = address };
        await ChurnAsync(address, 0, WarmUp, FillingEvent);
        var before = await MeasureAsync(scraper, hub.Id);

        await ChurnAsync(address, WarmUp, Clients, 3_000);

        var after = await MeasureAsync(scraper, hub.Id);
        TestContext.Current.SendDiagnosticMessage($"{before} before, {after} after");
        Assert.InRange(after.Descriptors, before.Descriptors - 5, before.Descriptors + 5);
        Assert.InRange(after.Resident, 0, before.Resident * 110 / 100);
        Assert.Equal("", hub.Error.ToString());
        await hub.SignalAsync("TERM");
        Assert.Equal(0, await hub.ExitAsync());
    }

    /// <summary>So many clients, some at once, while events are published to them.</summary>
    private static async Task ChurnAsync(Uri address, int first, int count, int payload)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var publishing = PublishAsync(address, payload, over.Token);
        var stalled = new ConcurrentQueue<Func<Task>>();
        await Parallel.ForAsync(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Stop }, async (seed, _) =>
        {
            if (await ChurnClient.RunAsync(address, seed) is { } rest)
            {
                stalled.Enqueue(rest);
            }

            while (stalled.Count > Stalled && stalled.TryDequeue(out var oldest))
            {
                await oldest();
            }
        });
        await Task.WhenAll(stalled.Select(static rest => rest()));
        await over.CancelAsync();
        await publishing;
    }

    private static async Task PublishAsync(Uri address, int bytes, CancellationToken over)
    {
        using var client = new HttpClient { BaseAddress = address };
        var payload = new string('x', bytes);
        try
        {
            while (true)
            {
                using var answer = await client.PostAsync("/topics/a", new StringContent(payload), over);
                answer.EnsureSuccessStatusCode();
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // All have gone.
        }
    }

    /// <summary>What the process has once nobody is connected any more.</summary>
    private static async Task<(int Descriptors, long Resident)> MeasureAsync(HttpClient scraper, int process)
    {
        var metrics = "";
        await Condition.WaitAsync(
            async () =>
            {
                metrics = await scraper.GetStringAsync("/metrics", Stop);
                return Gauges.All(name => Read(metrics, name) == 0) && Read(metrics, "spillway_transports_served_sockets") == 1; // The one that asks.
            },
            Patience, () => string.Join('\n', metrics.Split('\n').Where(static line => line.StartsWith("spillway_transports_", StringComparison.Ordinal))), Stop);
        using var answer = await scraper.PostAsync("/debug/collect", null, Stop);
        var memory = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Stop));
        var descriptors = Directory.GetFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd")).Length;
        return (descriptors, memory.GetProperty("residentBytes").GetInt64());
    }

    private static double Read(string metrics, string name) => metrics.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is ' ' or '{').Sum(static line => double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));
}
