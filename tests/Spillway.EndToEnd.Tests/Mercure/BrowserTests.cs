using System.Text.Json;
using Microsoft.Playwright;
using Spillway.EndToEnd.Tests.Demo;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>Chromium's own EventSource at a Mercure hub of another origin, with the cookies of both dialects, while the hub is killed and comes back.</summary>
public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>
{
    private const string Topic = "https://example.com/books/1";

    private const string Open = """
        url => {
          const stream = window.stream = new EventSource(url, { withCredentials: true });
          window.seen = [];
          window.opens = 0;
          stream.onopen = () => opens++;
          stream.onmessage = event => seen.push({ data: event.data, id: event.lastEventId });
        }
        """;

    private const string ReadHead = """
        async url => {
          const abort = new AbortController();
          const response = await fetch(url, { credentials: "include", signal: abort.signal });
          abort.abort();
          return JSON.stringify([response.status, response.headers.get("Mercure-Last-Event-ID"), response.headers.get("Last-Event-ID")]);
        }
        """;

    [Fact]
    public async Task EventSource_OfAListedOrigin_GetsPrivateUpdatesWithTheCookieAcrossAKill()
    {
        await using var pages = await PageServer.StartAsync();
        await using var hub = await ServeAsync(pages.Address);
        await using var page = await OpenAsync(pages.Address);
        await page.Page.EvaluateAsync(Open, $"{hub.Hub}?topic={Uri.EscapeDataString("https://example.com/books/{id}")}");
        await page.Page.WaitForFunctionAsync("() => opens === 1");
        var ids = new List<string> { await PublishAsync(hub, "1"), await PublishAsync(hub, "2", ("id", "urn:uuid:the-publishers-own")) };
        await page.Page.WaitForFunctionAsync("() => seen.length === 2");

        await hub.KillAndServeAsync();
        ids.Add(await PublishAsync(hub, "3"));
        await page.Page.WaitForFunctionAsync("() => seen.length === 3");

        var seen = JsonElement.Parse(await page.Page.EvaluateAsync<string>("() => JSON.stringify(seen)"));
        Assert.Equal(["1", "2", "3"], seen.EnumerateArray().Select(static one => one.GetProperty("data").GetString()));
        Assert.Equal(ids, seen.EnumerateArray().Select(static one => one.GetProperty("id").GetString()!));
        Assert.Equal("urn:uuid:the-publishers-own", ids[1]);
    }

    [Fact]
    public async Task Fetch_OfAListedOrigin_ReadsTheHeadersOfBothDialects()
    {
        await using var pages = await PageServer.StartAsync();
        await using var hub = await ServeAsync(pages.Address);
        await using var page = await OpenAsync(pages.Address);
        var id = await PublishAsync(hub, "1");

        var head = await page.Page.EvaluateAsync<string>(ReadHead, $"{hub.Hub}?match=x&last_event_id={Uri.EscapeDataString(id)}");

        Assert.Equal(JsonSerializer.Serialize(new object[] { 200, id, id }), head);
    }

    [Fact]
    public async Task EventSource_OfAnUnlistedOrigin_GetsNothing()
    {
        await using var pages = await PageServer.StartAsync();
        await using var hub = await ServeAsync(pages.OtherSite);
        await using var page = await OpenAsync(pages.Address);

        await page.Page.EvaluateAsync(Open, $"{hub.Hub}?topic=*");
        await page.Page.WaitForFunctionAsync("() => stream.readyState === EventSource.CLOSED");

        Assert.Equal(0, await page.Page.EvaluateAsync<int>("() => opens"));
    }

    private async Task<WatchedPage> OpenAsync(Uri address)
    {
        var page = await browser.OpenAsync(address);
        await page.Page.Context.AddCookiesAsync([new Cookie
        {
            Name = "mercureAuthorization", Value = MercureHub.Classic(subscribe: [Topic]), Domain = "127.0.0.1", Path = MercureHub.Path, HttpOnly = true, SameSite = SameSiteAttribute.Strict,
        }]);
        return page;
    }

    private static Task<MercureProcess> ServeAsync(Uri origin) => MercureProcess.StartAsync($$$$"""{"Access":{"Origins":["{{{{origin.GetLeftPart(UriPartial.Authority)}}}}"]}}""");

    private static Task<string> PublishAsync(MercureProcess hub, string data, params (string Name, string Value)[] more) => hub.PublishAsync([("topic", Topic), ("data", data), ("private", "on"), .. more]);
}
