using System.Net.Http.Headers;
using Spillway.Client;
using Spillway.TestKit;

namespace Spillway.Tests.Client;

/// <summary>What a client presents, and how often it asks for it.</summary>
public sealed class CredentialTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private int _asked;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_EveryConnection_PresentsWhatCountsThen(Transport transport)
    {
        await using var hub = new FakeHub(static exchange => exchange.OpenAsync("1-a"), static async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, transport, AskAsync);

        await subscriber.NextAsync<ConnectedNotice>();
        var lost = await subscriber.NextAsync<DisconnectedNotice>();
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);

        Assert.Equal("Bearer 1", hub.Requests[0].Headers["Authorization"]);
        Assert.Equal($"Bearer {(transport == Transport.LongPolling ? 3 : 2)}", hub.Requests[1].Headers["Authorization"]); // A second poll was under way.
        Assert.DoesNotContain(hub.Requests, static request => request.Target.Contains("token", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_CredentialCannotBeHad_IsAFailedConnection(Transport transport)
    {
        await using var hub = new FakeHub(static async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, transport, async stop => await AskAsync(stop) == "1" ? throw new IOException("The file is being written.") : "good");

        var lost = await subscriber.NextAsync<DisconnectedNotice>();
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);

        Assert.Equal(DisconnectReason.Network, lost.Reason);
        Assert.Equal("Bearer good", hub.Requests[0].Headers["Authorization"]);
    }

    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_CredentialThrowsSomethingElse_ThrowsIt(Transport transport)
    {
        await using var hub = new FakeHub();
        await using var subscriber = new Subscriber(hub, transport, static _ => throw new InvalidOperationException("Nobody is signed in."));

        Assert.Equal("Nobody is signed in.", (await Assert.ThrowsAsync<InvalidOperationException>(() => subscriber.NextAsync<ConnectedNotice>())).Message);
    }

    [Fact]
    public async Task PublishAsync_EveryAttempt_PresentsWhatCountsThen()
    {
        var clock = new ManualTimeProvider();
        await using var hub = new FakeHub(
            static exchange => AnswerAsync(exchange, "503 Busy", "{}"), static exchange => AnswerAsync(exchange, "200 OK", """{"accepted":1,"duplicates":0,"cursor":"1-b"}"""));
        using var client = new SpillwayClient(new SpillwayClientOptions { BaseAddress = hub.Address, TimeProvider = clock, NextRandom = static () => 0.5, Credential = AskAsync });

        var publishing = client.PublishAsync(new OutgoingEvent { Topic = "a" }, Stop);
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(0.5), Stop);
        clock.Advance(TimeSpan.FromSeconds(0.5));
        await publishing.WaitAsync(Patience, Stop);

        Assert.Equal(["Bearer 1", "Bearer 2"], hub.Requests.Select(static request => request.Headers["Authorization"]));
    }

    [Fact]
    public async Task PublishAsync_NoCredential_LeavesWhatTheHttpClientSends()
    {
        await using var hub = new FakeHub(static exchange => AnswerAsync(exchange, "200 OK", """{"accepted":1,"duplicates":0,"cursor":"1-b"}"""));
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "own");
        using var client = new SpillwayClient(http, new SpillwayClientOptions { BaseAddress = hub.Address, Credential = static _ => new((string?)null) });

        await client.PublishAsync(new OutgoingEvent { Topic = "a" }, Stop);

        Assert.Equal("Bearer own", hub.Requests[0].Headers["Authorization"]);
    }

    private static async Task AnswerAsync(FakeExchange exchange, string status, string body)
    {
        await exchange.Request.ReadBodyAsync(exchange.Stopped);
        await exchange.SendAsync($"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
    }

    private ValueTask<string?> AskAsync(CancellationToken cancellationToken) => new($"{Interlocked.Increment(ref _asked)}");
}
