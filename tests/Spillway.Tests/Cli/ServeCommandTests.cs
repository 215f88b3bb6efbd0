using System.Net;
using System.Net.Sockets;
using Spillway.Cli;
using Spillway.Tests.Access;
using Spillway.Tests.Mercure;

namespace Spillway.Tests.Cli;

public sealed class ServeCommandTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serve_SeveralUrls_ListensOnEachUntilItIsTold()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var run = new CliRun();

        var running = run.StartAsync(stop.Token, "serve", "--urls", "http://127.0.0.1:0;http://[::1]:0", "--log-level", "error");
        var first = await run.Out.WaitForAsync("listening on http://127.0.0.1:", Stop);
        var second = await run.Out.WaitForAsync("listening on http://[::1]:", Stop);
        using var http = new HttpClient();
        foreach (var line in (string[])[first, second])
        {
            using var response = await http.GetAsync(line["listening on ".Length..], Stop);
            Assert.False(response.Headers.Contains("Server"));
        }

        await stop.CancelAsync();

        Assert.Equal((ExitCode.Success, ""), (await running, run.Error.ToString()));
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(first["listening on ".Length..], Stop));
    }

    [Fact]
    public async Task Serve_RequestThatIsNotPlainlyLocal_IsRefused()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var run = new CliRun();
        var running = run.StartAsync(stop.Token, "serve", "--urls", "http://127.0.0.1:0", "--log-level", "error");
        var url = (await run.Out.WaitForAsync("listening on ", Stop))["listening on ".Length..];
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, url + "/anything") { Headers = { Host = "hub.example.com" } };

        using var response = await http.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("--access", await response.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Success, await running);
    }

    [Fact]
    public async Task Serve_AccessByTokens_LetsInFromAnywhereWhoPresentsOne()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var run = new CliRun()
            .With("SPILLWAY__Access__ApiKeys__0__Id", "ann").With("SPILLWAY__Access__ApiKeys__0__Sha256", GateRig.HashOf(GateRig.Key)).With("SPILLWAY__Access__ApiKeys__0__Publish__0", "a")
            .With("SPILLWAY__Access__ApiKeys__1__Id", "operator").With("SPILLWAY__Access__ApiKeys__1__Sha256", GateRig.HashOf(GateRig.OperatorKey)).With("SPILLWAY__Access__ApiKeys__1__Admin", "true");
        var running = run.StartAsync(stop.Token, "serve", "--access", "tokens", "--urls", "http://0.0.0.0:0", "--log-level", "error", "--debug-endpoints");
        var url = new Uri((await run.Out.WaitForAsync("listening on ", Stop))["listening on ".Length..].Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = url };

        (HttpMethod Method, string Path, string? Key, int Status)[] requests =
        [
            (HttpMethod.Post, "/topics/a", null, 401), (HttpMethod.Post, "/topics/a", GateRig.Key, 200), (HttpMethod.Post, "/topics/b", GateRig.Key, 403), (HttpMethod.Post, "/events", null, 401),
            (HttpMethod.Get, "/events?topic=a", null, 401), (HttpMethod.Get, "/events?topic=a", GateRig.Key, 403), (HttpMethod.Post, "/subscribe", null, 401),
            (HttpMethod.Get, "/metrics", null, 401), (HttpMethod.Get, "/metrics", GateRig.Key, 403), (HttpMethod.Get, "/metrics", GateRig.OperatorKey, 200),
            (HttpMethod.Get, "/admin/status", GateRig.Key, 403), (HttpMethod.Get, "/admin/status", GateRig.OperatorKey, 200),
            (HttpMethod.Get, "/admin/topics", null, 401), (HttpMethod.Get, "/admin/topics", GateRig.Key, 200), (HttpMethod.Post, "/debug/collect", GateRig.Key, 403),
            (HttpMethod.Get, "/health/live", null, 200), (HttpMethod.Get, "/health/ready", "nonsense", 200),
        ];
        foreach (var (method, path, key, status) in requests)
        {
            using var request = new HttpRequestMessage(method, path) { Headers = { Host = "hub.example.com" } };
            request.Headers.Authorization = key is null ? null : new("Bearer", key);
            using var response = await http.SendAsync(request, Stop);
            Assert.True((int)response.StatusCode == status, $"{method} {path}: {(int)response.StatusCode}, not {status}");
        }

        await stop.CancelAsync();
        Assert.Equal(ExitCode.Success, await running);
    }

    [Fact]
    public async Task Serve_MercureKey_AddsAMercureHubWhoseTokensAloneLetIn()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var run = new CliRun();
        var running = run.StartAsync(stop.Token, "serve", "--mercure-key", MercureTokens.SubscriberKey, "--urls", "http://127.0.0.1:0", "--log-level", "error");
        var url = new Uri((await run.Out.WaitForAsync("listening on ", Stop))["listening on ".Length..]);
        using var http = new HttpClient { BaseAddress = url };

        Assert.Contains("\"resource\":\"http://localhost/.well-known/mercure\"", await http.GetStringAsync("/.well-known/oauth-protected-resource/.well-known/mercure", Stop), StringComparison.Ordinal);
        using var own = await http.GetAsync("/events?topic=a", Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, own.StatusCode);

        await stop.CancelAsync();
        Assert.Equal(ExitCode.Success, await running);
    }

    [Fact]
    public async Task Commands_AtAHubThatAsksForTokens_PresentTheirs()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var hub = new CliRun()
            .With("SPILLWAY__Access__ApiKeys__0__Id", "ann").With("SPILLWAY__Access__ApiKeys__0__Sha256", GateRig.HashOf(GateRig.Key))
            .With("SPILLWAY__Access__ApiKeys__0__Publish__0", "a").With("SPILLWAY__Access__ApiKeys__0__Subscribe__0", "a").With("SPILLWAY__Access__ApiKeys__0__Admin", "true");
        var running = hub.StartAsync(stop.Token, "serve", "--access", "tokens", "--urls", "http://127.0.0.1:0", "--log-level", "error");
        var url = (await hub.Out.WaitForAsync("listening on ", Stop))["listening on ".Length..];
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, GateRig.Key + "\n", Stop);

        Assert.Equal(ExitCode.Success, await new CliRun().With("SPILLWAY_TOKEN", GateRig.Key).RunAsync("publish", "a", "x", "--hub", url));
        var without = new CliRun();
        Assert.Equal(ExitCode.Failure, await without.RunAsync("publish", "a", "x", "--hub", url));
        foreach (var transport in (string[])["sse", "ws", "poll"])
        {
            var subscriber = new CliRun().With("SPILLWAY_TOKEN", "the file wins");
            Assert.Equal(ExitCode.Success, await subscriber.RunAsync("subscribe", "a", "--earliest", "--exit-after", "1", "--transport", transport, "--token-file", file, "--hub", url));
            Assert.Contains("x", subscriber.Out.ToString(), StringComparison.Ordinal);
        }

        var topics = new CliRun();
        Assert.Equal(ExitCode.Success, await topics.RunAsync("topics", "--token-file", file, "--hub", url));
        Assert.Equal(ExitCode.Success, await new CliRun().RunAsync("status", "--token-file", file, "--hub", url));

        Assert.Contains("credential", without.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("  a", topics.Out.ToString(), StringComparison.Ordinal);
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Success, await running);
        File.Delete(file);
    }

    [Theory]
    [InlineData("status", "a b", "SPILLWAY_TOKEN holds no token")]
    [InlineData("publish a b", "größe", "SPILLWAY_TOKEN holds no token")]
    [InlineData("subscribe a --token-file no-such-file", "x", "--token-file is \"no-such-file\", which cannot be read")]
    public async Task Commands_NoToken_AreToldWithoutIt(string command, string variable, string expected)
    {
        var run = new CliRun().With("SPILLWAY_TOKEN", variable);

        Assert.Equal(ExitCode.Usage, await run.RunAsync(command.Split(' ')));
        Assert.Contains(expected, run.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("größe", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("soon", "--lock-wait is \"soon\"; give it a number with a unit ms, s, m, h or d")]
    [InlineData("2d", "History:LockWait")]
    public async Task Serve_LockWaitIsNoDurationOrTooLong_SaysSo(string wait, string expected)
    {
        var run = new CliRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync("serve", "--lock-wait", wait));
        Assert.Contains(expected, run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_PortInUse_SaysSoAndExitsWith1()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var run = new CliRun();

        var code = await run.RunAsync("serve", "--urls", $"http://{other.LocalEndpoint}", "--log-level", "warning");

        Assert.Equal(ExitCode.Failure, code);
        Assert.Equal(
            $"spillway: Failed to bind to address http://{other.LocalEndpoint}: address already in use. Stop the process that listens there, or choose another port with --urls.",
            Assert.Single(run.Error.Lines));
        Assert.Empty(run.Out.ToString());
    }
}
