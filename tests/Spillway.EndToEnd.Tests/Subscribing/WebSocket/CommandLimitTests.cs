using System.Text;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

/// <summary>What clients may ask for while they listen: messages in every form that is allowed, limits, receipts.</summary>
public sealed class CommandLimitTests
{
    private const string Receipts = "spillway.delivery.receipt.duration";
    private const string Ignored = "spillway.delivery.ignored_receipts";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_InFragmentsAtEveryPlaceWithControlFramesBetween_AreCommandsAllTheSame(bool http2)
    {
        await using var server = await PatientHub.StartAsync(static options => options.WebSocket.MessagesPerSecond = 10_000);
        using var socket = await WireSocket.OpenAsync(server, http2);
        var command = Encoding.UTF8.GetBytes("{\"command\":\"ping\",\"ref\":\"ä€😀\"}");
        for (var cut = 0; cut <= command.Length; cut++)
        {
            await socket.SendAsync(
                ClientFrame.Of(ClientFrame.Text, command.AsSpan(0, cut), final: false), ClientFrame.Of(ClientFrame.Ping, new byte[125]), ClientFrame.Of(ClientFrame.Pong),
                ClientFrame.Of(0, [], final: false), ClientFrame.Of(0, command.AsSpan(cut)));
            Assert.Equal("pong 125", (await socket.ReadAsync()).ToString());
            Assert.Equal("{\"reply\":\"ä€😀\"}", (await socket.ReadAsync()).ToString());
        }

        await socket.SendAsync([.. command.Select((one, i) => ClientFrame.Of(i == 0 ? ClientFrame.Text : 0, [one], i == command.Length - 1, mask: (uint)(i * 0x01010101)))]);
        Assert.Equal("{\"reply\":\"ä€😀\"}", (await socket.ReadAsync()).ToString());
        await socket.SendAsync(ClientFrame.CloseWith(1000));
        Assert.Equal(1000, await socket.ReadCloseAsync(answer: false));
    }

    [Fact]
    public async Task Messages_AsLongAsIsAllowed_AreCommands()
    {
        await using var server = await PatientHub.StartAsync();
        using var socket = await WireSocket.OpenAsync(server);
        await socket.SendTextAsync("{\"command\":\"ping\",\"ref\":1}".PadRight(16 * 1024));
        Assert.Equal("{\"reply\":1}", (await socket.ReadAsync()).ToString());
        await socket.SendAsync([.. Enumerable.Range(0, 128).Select(static i => ClientFrame.Of(i == 0 ? ClientFrame.Text : 0, i == 0 ? "{\"command\":\"ping\",\"ref\":2}"u8 : " "u8, final: i == 127))]);
        Assert.Equal("{\"reply\":2}", (await socket.ReadAsync()).ToString());
    }

    [Fact]
    public async Task Commands_BeyondTheLimitOfSelectors_AreRefusedAndCounted()
    {
        await using var server = await PatientHub.StartAsync(static options => options.WebSocket.Selectors = 3);
        using var socket = await WireSocket.OpenAsync(server);
        await socket.SendTextAsync("{\"command\":\"subscribe\",\"ref\":1,\"topics\":[\"b\",\"a\"],\"patterns\":[\"c/*\"]}");
        Assert.True((await socket.ReadJsonAsync()).TryGetProperty("cursor", out _));
        await socket.SendTextAsync("{\"command\":\"subscribe\",\"ref\":2,\"topics\":[\"d\"]}");
        var problem = (await socket.ReadJsonAsync()).GetProperty("problem");
        Assert.Contains("WebSocket:Selectors", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await socket.SendTextAsync("{\"command\":\"unsubscribe\",\"topics\":[\"a\"]}");
        Assert.True((await socket.ReadJsonAsync()).TryGetProperty("cursor", out _));
        await socket.SendTextAsync("{\"command\":\"subscribe\",\"topics\":[\"d\"]}");
        Assert.True((await socket.ReadJsonAsync()).TryGetProperty("cursor", out _));
        await socket.SendTextAsync("{");
        Assert.Equal("urn:spillway:problem:invalid-json", (await socket.ReadJsonAsync()).GetProperty("problem").GetProperty("type").GetString());

        Assert.Equal(1, server.Metrics.Sum("spillway.transports.refused_commands", "invalid-parameter"));
        Assert.Equal(1, server.Metrics.Sum("spillway.transports.refused_commands", "invalid-json"));
    }

    [Fact]
    public async Task Receipts_OfAConnectionThatWasAsked_MeasureWithoutAnAnswer()
    {
        await using var server = await PatientHub.StartAsync(static options => options.WebSocket.ReceiptShare = 1);
        using var socket = await OpenRawAsync(server);
        Assert.Equal(1_000, (await socket.ReadJsonAsync()).GetProperty("receipts").GetInt32());
        var ids = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            await server.PublishAsync("a", "x");
            ids.Add((await socket.ReadJsonAsync()).GetProperty("id").GetString()!);
        }

        await socket.SendTextAsync($"{{\"command\":\"receipt\",\"id\":\"{ids[0]}\"}}");
        await HubServer.WaitAsync(() => server.Metrics.Count(Receipts) == 1);
        Assert.InRange(server.Metrics.Sum(Receipts, "websocket"), 0, 30);
        await socket.SendTextAsync($"{{\"command\":\"receipt\",\"id\":\"{ids[1]}\"}}");
        await HubServer.WaitAsync(() => server.Metrics.Sum(Ignored, "too-early") == 1);
        foreach (var bad in (string[])["{\"command\":\"receipt\"}", "{\"command\":\"receipt\",\"id\":7}", "{\"command\":\"receipt\",\"id\":\"?\"}", "{\"command\":\"receipt\",\"id\":\"1a-1.x\"}", "{\"command\":\"receipt\",\"id\":\"1a-1\",\"milliseconds\":1}"])
        {
            await socket.SendTextAsync(bad);
            Assert.Equal("urn:spillway:problem:invalid-parameter", (await socket.ReadJsonAsync()).GetProperty("problem").GetProperty("type").GetString()); // The next that is written: the good ones have no answer.
        }

        Assert.Equal(1, server.Metrics.Count(Receipts));
    }

    [Fact]
    public async Task Receipts_AcrossTheInterval_AreFoundRepeatedOrNotSent()
    {
        await using var server = await PatientHub.StartAsync(static options =>
        {
            options.WebSocket.ReceiptShare = 1;
            options.WebSocket.ReceiptInterval = TimeSpan.FromMilliseconds(10);
            options.WebSocket.MessagesPerSecond = 10_000;
        });
        using var socket = await OpenRawAsync(server);
        Assert.Equal(10, (await socket.ReadJsonAsync()).GetProperty("receipts").GetInt32());
        await server.PublishAsync("a", "x");
        var id = (await socket.ReadJsonAsync()).GetProperty("id").GetString()!;
        await server.PublishAsync("b", "not for it");

        await SendUntilAsync($"{{\"command\":\"receipt\",\"id\":\"{id}\"}}", () => server.Metrics.Count(Receipts) == 1);
        await SendUntilAsync($"{{\"command\":\"receipt\",\"id\":\"{id}\"}}", () => server.Metrics.Sum(Ignored, "repeated") > 0);
        await SendUntilAsync($"{{\"command\":\"receipt\",\"id\":\"{id}zz\"}}", () => server.Metrics.Sum(Ignored, "not-sent") > 0);
        Assert.Equal(1, server.Metrics.Count(Receipts));

        async Task SendUntilAsync(string command, Func<bool> isDone)
        {
            for (var i = 0; i < 500 && !isDone(); i++)
            {
                await socket.SendTextAsync(command);
                await socket.SendTextAsync("{\"command\":\"ping\"}");
                Assert.Equal("{\"reply\":null}", (await socket.ReadAsync()).ToString());
            }

            Assert.True(isDone(), command);
        }
    }

    [Fact]
    public async Task Receipts_OfConnectionsThatWereNotAsked_AreCountedAndIgnored()
    {
        await using var server = await PatientHub.StartAsync(static options => options.WebSocket.ReceiptShare = 0);
        using var socket = await OpenRawAsync(server);
        Assert.False((await socket.ReadJsonAsync()).TryGetProperty("receipts", out _));
        await server.PublishAsync("a", "x");
        var id = (await socket.ReadJsonAsync()).GetProperty("id").GetString();
        await socket.SendTextAsync($"{{\"command\":\"receipt\",\"id\":\"{id}\"}}");

        await HubServer.WaitAsync(() => server.Metrics.Sum(Ignored, "not-asked") == 1);
        Assert.Equal(0, server.Metrics.Count(Receipts));
    }

    private static Task<WireSocket> OpenRawAsync(HubServer server) => WireSocket.OpenAsync(server, readOpen: false);
}
