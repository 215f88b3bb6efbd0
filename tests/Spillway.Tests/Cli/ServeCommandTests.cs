using System.Net;
using System.Net.Sockets;
using Spillway.Cli;

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
