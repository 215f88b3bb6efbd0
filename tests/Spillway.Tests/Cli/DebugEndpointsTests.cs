using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Spillway.Cli;
using Spillway.Cli.Serve;

namespace Spillway.Tests.Cli;

public sealed class DebugEndpointsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Collect_OverServe_TellsItsMemoryAndIsGuardedLikeEverythingElse()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var run = new CliRun();
        var running = run.StartAsync(stop.Token, "serve", "--urls", "http://127.0.0.1:0", "--log-level", "error", "--debug-endpoints");
        var url = new Uri((await run.Out.WaitForAsync("listening on ", Stop))["listening on ".Length..] + "/debug/collect");
        using var http = new HttpClient();

        using var answer = await http.PostAsync(url, null, Stop);
        using var read = await http.GetAsync(url, Stop);
        using var proxied = new HttpRequestMessage(HttpMethod.Post, url) { Headers = { { "X-Forwarded-For", "127.0.0.1" } } };
        using var refused = await http.SendAsync(proxied, Stop);

        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement;
        var (managed, committed, resident) = (json.GetProperty("managedBytes").GetInt64(), json.GetProperty("committedBytes").GetInt64(), json.GetProperty("residentBytes").GetInt64());
        Assert.True(managed > 0 && committed > 0 && resident > managed, json.GetRawText());
        Assert.Equal((HttpStatusCode.MethodNotAllowed, HttpStatusCode.Forbidden), (read.StatusCode, refused.StatusCode));
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Success, await running);
    }

    [Fact]
    public async Task Collect_NotAskedFor_IsNotThere()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var run = new CliRun();
        var running = run.StartAsync(stop.Token, "serve", "--urls", "http://127.0.0.1:0", "--log-level", "error");
        var url = (await run.Out.WaitForAsync("listening on ", Stop))["listening on ".Length..];
        using var http = new HttpClient();

        using var answer = await http.PostAsync(url + "/debug/collect", null, Stop);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Success, await running);
    }

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("::ffff:127.8.9.1", 200)]
    [InlineData("::1", 200)]
    [InlineData("192.0.2.1", 404)]
    [InlineData("::ffff:192.0.2.1", 404)]
    [InlineData("2001:db8::1", 404)]
    [InlineData(null, 404)]
    public async Task CollectAsync_AddressOfTheConnection_MustBeLoopback(string? address, int status)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "POST";
        context.Response.Body = Stream.Null;
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);

        await DebugEndpoints.CollectAsync(context);

        Assert.Equal(status, context.Response.StatusCode);
    }

    [Fact]
    public async Task CollectAsync_Garbage_IsGone()
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "POST";
        context.Response.Body = Stream.Null;
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        var garbage = MakeGarbage();

        await DebugEndpoints.CollectAsync(context);

        Assert.False(garbage.IsAlive);
    }

    // In a method of its own: a local of the test could keep it alive.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference MakeGarbage() => new(new byte[200_000]);
}
