using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Playwright;
using Spillway.EndToEnd.Tests.Cli;
using Spillway.EndToEnd.Tests.Demo;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>Chromium's own EventSource at a Mercure hub of another origin, with the cookies of both dialects, while the hub is killed and comes back.</summary>
public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private const string Key = "!ChangeThisMercureHubJWTSecretKey!";
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

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Real time, for a hub that starts: only a test that fails waits so long.

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");
    private readonly HttpClient _publisher = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _publisher.Dispose();
        _data.Delete(recursive: true);
    }

    [Fact]
    public async Task EventSource_OfAListedOrigin_GetsPrivateUpdatesWithTheCookieAcrossAKill()
    {
        await using var pages = await PageServer.StartAsync();
        var hub = await ServeAsync("http://127.0.0.1:0", pages.Address);
        try
        {
            await using var page = await OpenAsync(pages.Address);
            await page.Page.EvaluateAsync(Open, $"{hub.Url}{MercureHub.Path}?topic={Uri.EscapeDataString("https://example.com/books/{id}")}");
            await page.Page.WaitForFunctionAsync("() => opens === 1");
            var ids = new List<string> { await PublishAsync(hub.Url, "1"), await PublishAsync(hub.Url, "2") };
            await page.Page.WaitForFunctionAsync("() => seen.length === 2");

            await hub.Process.CrashAsync();
            await hub.Process.DisposeAsync();
            hub = await ServeAsync(hub.Url, pages.Address);
            ids.Add(await PublishAsync(hub.Url, "3"));
            await page.Page.WaitForFunctionAsync("() => seen.length === 3");

            var seen = JsonElement.Parse(await page.Page.EvaluateAsync<string>("() => JSON.stringify(seen)"));
            Assert.Equal(["1", "2", "3"], seen.EnumerateArray().Select(static one => one.GetProperty("data").GetString()));
            Assert.Equal(ids, seen.EnumerateArray().Select(static one => one.GetProperty("id").GetString()!));
        }
        finally
        {
            await hub.Process.DisposeAsync();
        }
    }

    [Fact]
    public async Task Fetch_OfAListedOrigin_ReadsTheHeadersOfBothDialects()
    {
        await using var pages = await PageServer.StartAsync();
        var hub = await ServeAsync("http://127.0.0.1:0", pages.Address);
        await using var process = hub.Process;
        await using var page = await OpenAsync(pages.Address);
        var id = await PublishAsync(hub.Url, "1");

        var head = await page.Page.EvaluateAsync<string>(ReadHead, $"{hub.Url}{MercureHub.Path}?match=x&last_event_id={Uri.EscapeDataString(id)}");

        Assert.Equal(JsonSerializer.Serialize(new object[] { 200, id, id }), head);
    }

    [Fact]
    public async Task EventSource_OfAnUnlistedOrigin_GetsNothing()
    {
        await using var pages = await PageServer.StartAsync();
        var hub = await ServeAsync("http://127.0.0.1:0", pages.OtherSite);
        await using var process = hub.Process;
        await using var page = await OpenAsync(pages.Address);

        await page.Page.EvaluateAsync(Open, $"{hub.Url}{MercureHub.Path}?topic=*");
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

    private async Task<(CommandProcess Process, string Url)> ServeAsync(string url, Uri origin)
    {
        var settings = Path.Combine(_data.FullName, "settings.json");
        await File.WriteAllTextAsync(settings, $$$$"""{"Spillway":{"Access":{"Origins":["{{{{origin.GetLeftPart(UriPartial.Authority)}}}}"]}}}""", Stop);
        return await CommandProcess.ServeAsync("--urls", url, "--data", Path.Combine(_data.FullName, "history"), "--config", settings, "--mercure-key", Key).WaitAsync(Patience, Stop);
    }

    private async Task<string> PublishAsync(string url, string data)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url + MercureHub.Path)
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("topic", Topic), KeyValuePair.Create("data", data), KeyValuePair.Create("private", "on")]),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", MercureHub.Classic(publish: ["*"]));
        using var response = await _publisher.SendAsync(request, Stop);
        var answer = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, answer);
        return answer;
    }
}
