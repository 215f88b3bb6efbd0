using Spillway.Events;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>How a stream begins.</summary>
public sealed class OpeningTests(ContractHub hub) : IClassFixture<ContractHub>
{
    [Theory]
    [TransportCases]
    public async Task Open_WithoutAStart_TellsItsPositionBeforeAnyEvent(TransportCase @case)
    {
        var server = hub.For(@case);
        var topic = ContractHub.NewTopic();
        var before = await server.PublishAsync(topic, "before");

        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={topic}");
        var position = subscriber.Position;
        await server.PublishAsync(topic, "after");

        Assert.Equal(before.Cursor, position);
        Assert.Equal("after", (await subscriber.NextEventAsync()).Text);
    }

    [Theory]
    [TransportCases]
    public async Task Open_Signal_TellsConnectionKeepAliveProtocolAndDelay(TransportCase @case)
    {
        await using var first = await TransportSubscriber.OpenAsync(hub.For(@case).Endpoint, @case, "topic=a");
        await using var second = await TransportSubscriber.OpenAsync(hub.For(@case).Endpoint, @case, "topic=a");

        if (!@case.IsStream)
        {
            Assert.Null(first.Opening); // A connection that ends with its answer has nothing to tell of itself.
            return;
        }

        var open = first.Opening!;
        Assert.Matches("^c-[0-9a-f]{16}$", open.Text("connection"));
        Assert.NotEqual(open.Text("connection"), second.Opening!.Text("connection"));
        Assert.Equal(((long)ContractHub.KeepAlive.TotalSeconds, 1), (open.Number("keepAlive"), open.Number("protocol")));
        Assert.InRange(open.Number("retry") ?? 0, 1_000, 5_000);
        Assert.Equal(first.Retry, open.Number("retry"));
    }

    [Theory]
    [TransportCases]
    public async Task Open_Head_IsThatOfItsTransportAndKeptByNobody(TransportCase @case)
    {
        using var client = new HttpMessageInvoker(hub.For(@case).Endpoint.CreateHandler());
        using var request = ContractRequest.Create(hub.For(@case).Endpoint.For(@case), @case, "/events?topic=a" + @case.Parameters);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((@case.Opened, @case.HttpVersion), (response.StatusCode, response.Version));
        if (@case.IsWebSocket)
        {
            Assert.Equal(@case.Subprotocol, Assert.Single(response.Headers.GetValues("Sec-WebSocket-Protocol")));
            Assert.False(response.Headers.Contains("Sec-WebSocket-Extensions"));
        }
        else if (!@case.IsStream)
        {
            Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
            Assert.Equal("no-store", Assert.Single(response.Headers.GetValues("Cache-Control")));
            Assert.False(response.Headers.Contains("ETag"));
        }
        else
        {
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
            Assert.Equal("no-store, no-transform", string.Join(", ", response.Headers.GetValues("Cache-Control").SelectMany(static line => line.Split(", ")).Order(StringComparer.Ordinal)));
            Assert.Equal("no", Assert.Single(response.Headers.GetValues("X-Accel-Buffering")));
        }

        Assert.True(@case.Http == 1 || !(response.Headers.Contains("Connection") || response.Headers.Contains("Transfer-Encoding") || response.Headers.Contains("Upgrade")));
    }

    [Theory]
    [TransportCases]
    public async Task SignalsOff_Stream_HoldsNothingButEvents(TransportCase @case)
    {
        var server = hub.For(@case);
        var topic = ContractHub.NewTopic();
        var past = new Position(1, 1).ToString(); // Of another history: with signals, a gap.
        await server.PublishAsync(topic, "kept");
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={topic}&signals=off", past);

        await server.WaitForConnectionsAsync(@case.IsStream ? 1 : 0);
        await server.PublishAsync(topic, "live");
        await server.Publisher.EndAsync(topic, TestContext.Current.CancellationToken);

        Assert.Equal(["kept", "live"], (await subscriber.ReadToEndAsync()).Select(static item => Assert.IsType<EventItem>(item).Text));
        Assert.Equal(@case.CloseCode("topics-ended"), subscriber.CloseFrame?.Code);
        await server.WaitForConnectionsAsync(0);
    }
}
