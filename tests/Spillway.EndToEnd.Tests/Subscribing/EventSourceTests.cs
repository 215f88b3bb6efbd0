using System.Text.Json;
using Spillway.EndToEnd.Tests.Demo;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>Chromium's own EventSource: the client that most subscribers are.</summary>
public sealed class EventSourceTests(Browser browser) : IClassFixture<Browser>
{
    // Opens a stream and keeps what the page is told.
    private const string Open = """
        path => {
          const stream = window.stream = new EventSource(path);
          window.seen = [];
          window.opens = 0;
          window.failures = 0;
          const keep = event => seen.push({ type: event.type, data: event.data, lastEventId: event.lastEventId });
          stream.onopen = () => opens++;
          stream.onerror = () => failures++;
          stream.onmessage = keep;
          for (const type of ["typed", "spillway-open", "spillway-end", "spillway-drain", "spillway-cursor"]) {
            stream.addEventListener(type, keep);
          }
        }
        """;

    private static readonly string[] Payloads =
        ["plain", "", "a\nb", "a\rb", "a\r\nb\r\n", " space", "data: x\rid: 666\r\rdata: y", "\uFEFFmark", "\u2028\u2029\u0085", "ä\U0001F30A", "nul \0 byte"];

    [Fact]
    public async Task EventSource_AnyPayload_GetsItWithItsLineEndsMadeLineFeeds()
    {
        await using var server = await HubServer.StartAsync();
        await using var page = await OpenAsync(server, "/events?topic=a");
        await server.WaitForConnectionsAsync(1);
        var ids = new List<string>();
        foreach (var payload in Payloads)
        {
            ids.Add((await server.PublishAsync("a", payload, "typed")).Cursor);
        }

        var seen = await SeenAsync(page, Payloads.Length + 1);

        Assert.Equal("spillway-open", seen[0].Type);
        Assert.Equal(Payloads.Select(static payload => payload.Replace("\r\n", "\n").Replace("\r", "\n")), seen[1..].Select(static e => e.Data));
        Assert.Equal(ids, seen[1..].Select(static e => e.LastEventId));
        Assert.All(seen[1..], static e => Assert.Equal("typed", e.Type));
    }

    [Theory]
    [InlineData("")]
    [InlineData("&signals=off")]
    public async Task EventSource_CutBeforeItsFirstEvent_ResumesFromTheOpeningBlock(string parameter)
    {
        await using var server = await HubServer.StartAsync(retry: 200, sockets: HostSockets.Kestrel); // Time to publish while the browser is away. A request can cut only what Kestrel has.
        var before = await server.PublishAsync("a", "before");
        await using var page = await OpenAsync(server, "/events?topic=a" + parameter);
        var first = await server.NextRequestAsync();
        await server.WaitForConnectionsAsync(1);
        await page.Page.WaitForFunctionAsync("() => opens === 1");
        await server.PublishAsync("b", "so that the head is not the cursor");

        first.Cut();
        await first.Status;
        await server.PublishAsync("a", "missed");
        var second = await server.NextRequestAsync();
        await page.Page.WaitForFunctionAsync("() => seen.some(e => e.data === 'missed')");

        Assert.Equal("", first.LastEventId);
        Assert.Equal(before.Cursor, second.LastEventId);
    }

    [Fact]
    public async Task EventSource_CutAfterEvents_ResumesWithoutAHoleOrARepeat()
    {
        await using var server = await HubServer.StartAsync(retry: 200, sockets: HostSockets.Kestrel); // Time to publish while the browser is away. A request can cut only what Kestrel has.
        await using var page = await OpenAsync(server, "/events?topic=a&signals=off");
        for (var round = 0; round < 3; round++)
        {
            var request = await server.NextRequestAsync();
            await page.Page.WaitForFunctionAsync("count => opens === count", round + 1);
            await server.PublishAsync("a", $"{round}: live");
            await SeenAsync(page, (2 * round) + 1);

            request.Cut();
            await request.Status;
            await server.PublishAsync("a", $"{round}: away");
            await SeenAsync(page, (2 * round) + 2);
        }

        var seen = await SeenAsync(page, 6);
        Assert.Equal(["0: live", "0: away", "1: live", "1: away", "2: live", "2: away"], seen.Select(static e => e.Data));
        Assert.Equal(6, seen.Select(static e => e.LastEventId).Distinct().Count());
    }

    [Fact]
    public async Task EventSource_Retry_IsWhenItComesBack()
    {
        await using var server = await HubServer.StartAsync(retry: 10, sockets: HostSockets.Kestrel); // As above.
        await using var page = await OpenAsync(server, "/plain"); // Ends at once and tells no delay: the browser's own is seconds.
        var plain = await server.NextRequestAsync();
        await page.Page.WaitForFunctionAsync("() => failures === 1");
        await page.Page.EvaluateAsync("() => { window.other = new EventSource('/events?topic=a'); other.onopen = () => window.isOpen = true; }");
        var first = await server.NextRequestAsync();
        await page.Page.WaitForFunctionAsync("() => window.isOpen");

        first.Cut();
        var next = await server.NextRequestAsync();

        Assert.Equal(["/plain", "/events", "/events"], new[] { plain, first, next }.Select(static arrival => arrival.Path));
    }

    [Fact]
    public async Task EventSource_TopicsEnded_IsStoppedForGoodByNoContent()
    {
        await using var server = await HubServer.StartAsync(retry: 10);
        await using var page = await OpenAsync(server, "/events?topic=a");
        await server.NextRequestAsync();
        await server.WaitForConnectionsAsync(1);
        var only = await server.PublishAsync("a", "only");

        await server.Publisher.EndAsync("a", TestContext.Current.CancellationToken);
        var second = await server.NextRequestAsync();
        await page.Page.WaitForFunctionAsync("() => stream.readyState === EventSource.CLOSED");

        var seen = await SeenAsync(page, 3);
        Assert.Equal(["spillway-open", "message", "spillway-end"], seen.Select(static e => e.Type));
        Assert.Equal(only.Cursor, second.LastEventId);
        Assert.Equal(204, await second.Status);
    }

    [Fact]
    public async Task EventSource_FullHub_ComesBackUntilThereIsRoom()
    {
        await using var server = await HubServer.StartAsync(static options => options.Limits.Connections = 1, retry: 10);
        var holder = await StreamSubscriber.OpenedAsync(server.Client, "/events?topic=a");
        await server.NextRequestAsync();
        await using var page = await OpenAsync(server, "/events?topic=a");
        await server.NextRequestAsync();
        await server.NextRequestAsync();

        holder.Dispose();
        await page.Page.WaitForFunctionAsync("() => seen.length > 0");
        await server.PublishAsync("a", "there is room");

        Assert.Equal("there is room", (await SeenAsync(page, 2))[1].Data);
    }

    [Fact]
    public async Task EventSource_KeepAlives_MoveItsCursorAndShowNothingElse()
    {
        await using var server = await HubServer.StartAsync(static options => options.Sse.KeepAlive = TimeSpan.FromSeconds(1));
        await using var page = await OpenAsync(server, "/events?topic=a");
        await server.WaitForConnectionsAsync(1);

        var other = await server.PublishAsync("b", "for somebody else");
        var seen = await SeenAsync(page, 2);

        Assert.Equal(("spillway-cursor", other.Cursor), (seen[1].Type, seen[1].LastEventId));
    }

    private async Task<WatchedPage> OpenAsync(HubServer server, string path)
    {
        var page = await browser.OpenAsync(new Uri(server.Address, "/page"));
        await page.Page.EvaluateAsync(Open, path);
        return page;
    }

    private static async Task<Seen[]> SeenAsync(WatchedPage page, int count)
    {
        await page.Page.WaitForFunctionAsync("count => seen.length >= count", count);
        var json = await page.Page.EvaluateAsync<string>("() => JSON.stringify(seen)");
        return JsonSerializer.Deserialize<Seen[]>(json, JsonSerializerOptions.Web)!;
    }

    private sealed record Seen(string Type, string Data, string LastEventId);
}
