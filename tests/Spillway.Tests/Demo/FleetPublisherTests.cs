using Spillway.Cli.Demo;
using Spillway.Client;
using Spillway.TestKit;
using Spillway.Tests.Client;

namespace Spillway.Tests.Demo;

public sealed class FleetPublisherTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);

    private readonly ManualTimeProvider _clock = new();
    private readonly StringWriter _errors = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_OneTick_PublishesItsReadingsAsLinesWithIds()
    {
        await using var hub = new FakeHub(exchange => AnswerAsync(exchange));
        using var client = new SpillwayClient(hub.Address);
        var publisher = Create(client);
        using var run = Begin(publisher);

        await PassAsync(Tick);

        Assert.Equal("1-c", await publisher.FirstCursor.WaitAsync(Patience, Stop));
        var lines = hub.Requests[0].Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith(
            """{"topic":"plant/north/press-1/temperature","type":"reading","key":"press-1/temperature","id":"0000000a-0-1","contentType":"application/json","payload":{"value":""",
            lines[0], StringComparison.Ordinal);
        Assert.EndsWith("""
            "unit":"°C","limit":90,"run":"0000000a","seq":1,"time":"2026-01-31T08:00:00.1+00:00"}}
            """, lines[0], StringComparison.Ordinal);
        await run.CancelAsync();
    }

    [Theory]
    [InlineData("503 Service Unavailable", "{}")]
    [InlineData("200 OK", """{"accepted":1,"duplicates":0,"cursor":"1-b","errors":[{"line":2,"status":503,"title":"t","detail":"d"}]}""")]
    public async Task RunAsync_HubCannotTakeTheBatch_PublishesTheSameBatchAgain(string status, string answer)
    {
        await using var hub = new FakeHub(exchange => AnswerAsync(exchange, status, answer), exchange => AnswerAsync(exchange));
        using var client = new SpillwayClient(hub.Address);
        var publisher = Create(client);
        using var run = Begin(publisher);

        await PassAsync(Tick);
        await PassAsync(FirstRetry);

        Assert.Equal("1-c", await publisher.FirstCursor.WaitAsync(Patience, Stop));
        Assert.Equal(hub.Requests[0].Body, hub.Requests[1].Body);
        await run.CancelAsync();
    }

    [Fact]
    public async Task RunAsync_ConnectionBreaks_PublishesTheSameBatchAgainAndSaysSo()
    {
        await using var hub = new FakeHub(
            async exchange =>
            {
                await ReadBodyAsync(exchange);
                exchange.Reset();
            },
            exchange => AnswerAsync(exchange));
        using var client = new SpillwayClient(hub.Address);
        var publisher = Create(client);
        using var run = Begin(publisher);

        await PassAsync(Tick);
        await PassAsync(FirstRetry);

        await publisher.FirstCursor.WaitAsync(Patience, Stop);
        Assert.Equal(hub.Requests[0].Body, hub.Requests[1].Body);
        Assert.StartsWith("The fleet could not publish and tries again: ", _errors.ToString(), StringComparison.Ordinal);
        await run.CancelAsync();
    }

    [Fact]
    public async Task RunAsync_TopicWasEnded_ItsSensorFallsSilentAndTheOthersGoOn()
    {
        const string ended = """{"accepted":1,"duplicates":0,"cursor":"1-b","errors":[{"line":1,"status":409,"title":"t","detail":"d"}]}""";
        await using var hub = new FakeHub(exchange => AnswerAsync(exchange, answer: ended), exchange => AnswerAsync(exchange));
        using var client = new SpillwayClient(hub.Address);
        var publisher = Create(client);
        using var run = Begin(publisher);

        await PassAsync(Tick);
        await publisher.FirstCursor.WaitAsync(Patience, Stop);
        _clock.Advance(Tick);
        await hub.PlayedAsync();

        Assert.Contains("press-1/temperature", hub.Requests[0].Body, StringComparison.Ordinal);
        Assert.DoesNotContain("press-1/temperature", hub.Requests[1].Body, StringComparison.Ordinal);
        Assert.Contains("press-1/vibration", hub.Requests[1].Body, StringComparison.Ordinal);
        Assert.Equal($"The topic plant/north/press-1/temperature has ended: its sensor measures no more.{Environment.NewLine}", _errors.ToString());
        await run.CancelAsync();
    }

    [Fact]
    public async Task RunAsync_EventIsRefused_FailsWithTheHubsWords()
    {
        const string refused = """{"accepted":1,"duplicates":0,"cursor":"1-b","errors":[{"line":2,"status":400,"title":"Bad event.","detail":"key is too long"}]}""";
        await using var hub = new FakeHub(exchange => AnswerAsync(exchange, answer: refused));
        using var client = new SpillwayClient(hub.Address);
        var running = Create(client).RunAsync(Stop);

        await PassAsync(Tick);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => running.WaitAsync(Patience, Stop));
        Assert.Equal("The hub refused an event of the fleet on the topic plant/north/press-1/vibration: Bad event. key is too long", error.Message);
    }

    public void Dispose() => _errors.Dispose();

    private FleetPublisher Create(SpillwayClient client)
        => new(new Fleet(Plant.Place(2), rate: 20, seed: 1, run: "0000000a"), client, _errors, _clock);

    private static CancellationTokenSource Begin(FleetPublisher publisher)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        _ = publisher.RunAsync(stop.Token);
        return stop;
    }

    private async Task PassAsync(TimeSpan time)
    {
        await _clock.WaitForTimerAsync(time, Stop);
        _clock.Advance(time);
    }

    private static async Task AnswerAsync(
        FakeExchange exchange, string status = "200 OK", string answer = """{"accepted":2,"duplicates":0,"cursor":"1-c","errors":[]}""")
    {
        await ReadBodyAsync(exchange);
        await exchange.AnswerAsync(status, answer);
    }

    private static async Task ReadBodyAsync(FakeExchange exchange)
    {
        while (await exchange.Request.ReadChunkAsync(exchange.Stopped) != "")
        {
        }
    }
}
