using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Spillway.EndToEnd.Tests.Cli;

/// <summary>How long <c>serve</c> takes to stop, as a process.</summary>
public sealed class StopTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Serve_NobodyConnected_StopsAtOnce(string signal)
    {
        var fastest = TimeSpan.MaxValue; // Of five: other tests run at the same time.
        for (var i = 0; i < 5 && fastest > TimeSpan.FromSeconds(0.3); i++)
        {
            await using var hub = (await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0")).Process;
            var took = await StopAsync(hub, signal);
            fastest = took < fastest ? took : fastest;
        }

        Assert.InRange(fastest.TotalSeconds, 0, 0.3);
    }

    [Fact]
    public async Task Serve_PublisherIsInTheMiddleOfAStream_DoesNotWaitForItsEnd()
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0");
        await using var _ = hub;
        var address = new Uri(url);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, Stop);
        await using var subscriber = CommandProcess.Start("subscribe", "a", "--hub", url);
        await subscriber.Error.WaitForAsync("connected to", Stop);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes($"POST /events HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\ne\r\n{{\"topic\":\"a\"}}\n\r\n"), Stop);
        await subscriber.Out.WaitForAsync("\ta\t", Stop);

        var took = await StopAsync(hub, "TERM");

        Assert.InRange(took.TotalSeconds, 0, 15); // Of a grace period of 30.
        Assert.Equal("", hub.Error.ToString());
        var answer = new byte[4_096];
        Assert.Contains("\"accepted\":1,", Encoding.UTF8.GetString(answer, 0, await socket.ReceiveAsync(answer, Stop)), StringComparison.Ordinal);
    }

    private static async Task<TimeSpan> StopAsync(CommandProcess hub, string signal)
    {
        var began = Stopwatch.GetTimestamp();
        await hub.SignalAsync(signal);
        Assert.Equal(0, await hub.ExitAsync());
        return Stopwatch.GetElapsedTime(began);
    }
}
