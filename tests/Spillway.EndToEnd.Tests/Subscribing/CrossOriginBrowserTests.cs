using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using Spillway.EndToEnd.Tests.Demo;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>Chromium, with pages of one origin and the hub at another: what the browser lets them do, and what reaches the hub.</summary>
public sealed class CrossOriginBrowserTests(Browser browser) : IClassFixture<Browser>
{
    private const string Key = "spk_0000000000000000000000000browser";

    // Reads a stream until it has a text; or says what the page is shown of a refusal.
    private const string Read = """
        async ({ url, headers, until }) => {
          const abort = new AbortController();
          try {
            const response = await fetch(url, { headers, signal: abort.signal });
            if (!response.ok) {
              return JSON.stringify({ status: response.status, challenge: response.headers.get("WWW-Authenticate"), text: await response.text() });
            }
            const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
            let text = "";
            for (let part = await reader.read(); !part.done && !text.includes(until); part = await reader.read()) {
              text += part.value;
              if (text.includes(until)) break;
            }
            abort.abort();
            return JSON.stringify({ status: response.status, text });
          } catch (fault) {
            return JSON.stringify({ status: 0, text: fault.name });
          }
        }
        """;

    private const string Publish = """
        async ({ url, options }) => {
          try {
            const response = await fetch(url, { method: "POST", ...options });
            return JSON.stringify({ status: response.status, text: await response.text() });
          } catch (fault) {
            return JSON.stringify({ status: 0, text: fault.name });
          }
        }
        """;

    private const string OpenSocket = """
        url => new Promise(resolve => {
          const socket = new WebSocket(url);
          socket.onmessage = message => { if (!message.data.includes('"signal"')) { resolve(message.data); socket.close(); } };
          socket.onclose = close => resolve(`closed ${close.code}`);
        })
        """;

    private const string OpenEvents = """
        url => {
          const stream = window.stream = new EventSource(url, { withCredentials: true });
          window.seen = [];
          stream.onmessage = event => seen.push(event.data);
        }
        """;

    private const string SubmitForm = """
        url => {
          const frame = document.body.appendChild(document.createElement("iframe"));
          frame.name = "answer";
          const form = document.body.appendChild(document.createElement("form"));
          Object.assign(form, { method: "post", action: url, enctype: "text/plain", target: "answer" });
          form.appendChild(Object.assign(document.createElement("input"), { name: "a", value: "b" }));
          form.submit();
        }
        """;

    [Fact]
    public async Task EventSource_OfAListedOrigin_GetsEventsWithTheCookieAndResumes()
    {
        await using var pages = await PageServer.StartAsync();
        await using var server = await StartAsync(pages.Address);
        await using var page = await OpenAsync(pages.Address);
        await page.Page.EvaluateAsync(OpenEvents, new Uri(server.Address, "/events?topic=a").AbsoluteUri);
        var first = await server.NextRequestAsync();
        await server.WaitForConnectionsAsync(1);
        var live = await server.PublishAsync("a", "live");
        await page.Page.WaitForFunctionAsync("() => seen.length === 1");

        first.Cut();
        await first.Status;
        await server.PublishAsync("a", "missed");
        await page.Page.WaitForFunctionAsync("() => seen.length === 2");

        Assert.Equal("[\"live\",\"missed\"]", await page.Page.EvaluateAsync<string>("() => JSON.stringify(seen)"));
        var next = await server.NextRequestAsync();
        while (next.LastEventId.Length == 0)
        {
            next = await server.NextRequestAsync(); // Its preflight, where the browser asks.
        }

        Assert.Equal(server.Hub.Cursors.Read(live.Cursor), server.Hub.Cursors.Read(next.LastEventId)); // One place, and two texts for it.
    }

    [Fact]
    public async Task Fetch_OfAListedOriginOnAnotherSite_PublishesAndResumesWithItsToken()
    {
        await using var pages = await PageServer.StartAsync();
        await using var server = await StartAsync(pages.OtherSite);
        await using var page = await browser.OpenAsync(pages.OtherSite);
        var authorization = $"Bearer {Key}";

        var published = await EvaluateAsync(page, Publish, new { url = At(server, "/topics/a"), options = new { body = "one", headers = new Dictionary<string, string> { ["Authorization"] = authorization, ["Content-Type"] = "text/plain", ["Spillway-Type"] = "t", ["Idempotency-Key"] = "k" } } });
        var read = await EvaluateAsync(page, Read, new { url = At(server, "/events?topic=a&earliest"), headers = new { Authorization = authorization }, until = "data: one\n" });
        var cursor = JsonElement.Parse(published.Text).GetProperty("cursor").GetString()!;
        await server.PublishAsync("a", "two");
        var resumed = await EvaluateAsync(page, Read, new { url = At(server, "/events?topic=a"), headers = new Dictionary<string, string> { ["Authorization"] = authorization, ["Last-Event-ID"] = cursor, ["Cache-Control"] = "no-cache" }, until = "data: two\n" });
        var refused = await EvaluateAsync(page, Read, new { url = At(server, "/events?topic=a"), headers = new { Authorization = "Bearer spk_of-nobody" }, until = "" });

        Assert.Equal((200, 200, 200, 401), (published.Status, read.Status, resumed.Status, refused.Status));
        Assert.Contains("event: t\ndata: one\n", read.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("data: one\n", resumed.Text, StringComparison.Ordinal);
        Assert.Contains("error=\"invalid_token\"", refused.Challenge, StringComparison.Ordinal);
        Assert.Contains("urn:spillway:problem:invalid-token", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebSocketAndPublishing_OfAListedOrigin_CountTheCookie()
    {
        await using var pages = await PageServer.StartAsync();
        await using var server = await StartAsync(pages.Address);
        await using var page = await OpenAsync(pages.Address);
        var published = await EvaluateAsync(page, Publish, new { url = At(server, "/topics/a"), options = new { body = "one", credentials = "include" } });

        var message = await page.Page.EvaluateAsync<string>(OpenSocket, Socket(server));

        Assert.Equal((200, "one"), (published.Status, JsonElement.Parse(message).GetProperty("payload").GetString()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_OfAnUnlistedOrigin_GetsNothingAndHasNoEffect(bool isOtherSite)
    {
        await using var listed = await PageServer.StartAsync();
        await using var pages = await PageServer.StartAsync();
        await using var server = await StartAsync(listed.Address, listed.OtherSite);
        await server.PublishAsync("a", "secret");
        await using var page = await OpenAsync(isOtherSite ? pages.OtherSite : pages.Address);
        var (events, topic) = (At(server, "/events?topic=a&earliest"), At(server, "/topics/a"));

        await page.Page.EvaluateAsync(OpenEvents, events);
        await page.Page.WaitForFunctionAsync("() => stream.readyState === EventSource.CLOSED");
        var withToken = await EvaluateAsync(page, Read, new { url = events, headers = new { Authorization = $"Bearer {Key}" }, until = "secret" });
        var asked = await EvaluateAsync(page, Publish, new { url = topic, options = new { body = "x", headers = new { Authorization = $"Bearer {Key}" } } });
        var simple = await EvaluateAsync(page, Publish, new { url = topic, options = new { body = "x", credentials = "include", headers = new Dictionary<string, string> { ["Content-Type"] = "text/plain" } } });
        var opaque = await EvaluateAsync(page, Publish, new { url = topic, options = new { body = "x", credentials = "include", mode = "no-cors" } });
        await page.Page.EvaluateAsync(SubmitForm, topic); // Comes before or behind the socket.
        var socket = await page.Page.EvaluateAsync<string>(OpenSocket, Socket(server));

        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.access.refused_requests") == 7);

        Assert.All([withToken, asked, simple], static answer => Assert.Equal((0, "TypeError"), (answer.Status, answer.Text)));
        Assert.Equal((0, ""), (opaque.Status, opaque.Text));
        Assert.Equal("closed 1006", socket);
        Assert.Equal("[]", await page.Page.EvaluateAsync<string>("() => JSON.stringify(seen)"));
        Assert.Equal(1, server.Metrics.Sum("spillway.ingress.accepted_events")); // What the test published itself.
        Assert.Equal(0, server.Metrics.Sum("spillway.delivery.delivered_events"));
        Assert.True(server.Metrics.Sum("spillway.access.refused_requests", "foreign-origin") >= (isOtherSite ? 3 : 7)); // From another site no cookie comes along: what is left is what the hub was asked beforehand, and the socket.
    }

    /// <summary>A hub at which pages of some origins are listed, and the cookie of everybody may publish and subscribe.</summary>
    private static Task<HubServer> StartAsync(params Uri[] pages) => HubServer.StartAsync(
        options =>
        {
            options.Access.Mode = AccessMode.Tokens;
            options.Access.ApiKeys.Add(new ApiKeyOptions { Id = "ann", Sha256 = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Key))), Publish = { "a" }, Subscribe = { "a" } });
            foreach (var page in pages)
            {
                options.Access.Origins.Add(PageServer.OriginOf(page));
            }
        },
        retry: 200,
        sockets: HostSockets.Kestrel); // A request can cut only what Kestrel has.

    private static string At(HubServer server, string path) => new Uri(server.Address, path).AbsoluteUri;

    private static string Socket(HubServer server) => new UriBuilder(server.Address) { Scheme = "ws", Path = "/events", Query = "topic=a&earliest" }.Uri.AbsoluteUri;

    /// <summary>Opens a page in a browser that has the hub's cookie, which knows no ports.</summary>
    private async Task<WatchedPage> OpenAsync(Uri address)
    {
        var page = await browser.OpenAsync(address);
        await page.Page.Context.AddCookiesAsync([new Cookie { Name = "spillway-token", Value = Key, Domain = "127.0.0.1", Path = "/", HttpOnly = true, SameSite = SameSiteAttribute.Lax }]);
        return page;
    }

    private static async Task<Answer> EvaluateAsync(WatchedPage page, string script, object arguments) =>
        JsonSerializer.Deserialize<Answer>(await page.Page.EvaluateAsync<string>(script, arguments), JsonSerializerOptions.Web)!;

    private sealed record Answer(int Status, string Text, string? Challenge);
}
