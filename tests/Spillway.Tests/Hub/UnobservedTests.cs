using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Spillway.Cli;
using Spillway.Tests.Cli;

namespace Spillway.Tests.Hub;

/// <summary>No task of a hub fails without somebody who hears of it, whatever its clients do. Alone: the runtime tells of any task of the process.</summary>
[Collection(Alone.Name)]
public sealed class UnobservedTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");
    private readonly ConcurrentQueue<Exception> _unobserved = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serve_ClientsBreakOffEverywhere_LeavesNoFaultUnobserved()
    {
        Collect(); // What others have left.
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            Forget();
            Collect();
            Assert.Equal("Nobody hears of this.", Assert.Single(_unobserved).InnerException!.Message); // It would be found.
            _unobserved.Clear();

            await ServeAsync();
            Collect();

            Assert.Empty(_unobserved);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }
    }

    public void Dispose() => _data.Delete(recursive: true);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget() => _ = Task.FromException(new InvalidOperationException("Nobody hears of this."));

    private static void Collect()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private void Note(object? sender, UnobservedTaskExceptionEventArgs e)
    {
        _unobserved.Enqueue(e.Exception);
        e.SetObserved();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task ServeAsync()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var run = new CliRun();
        var running = run.StartAsync(stop.Token, "serve", "--urls", "http://127.0.0.1:0", "--data", _data.FullName, "--log-level", "error");
        var address = new Uri((await run.Out.WaitForAsync("listening on ", Stop))["listening on ".Length..]);
        var host = address.Authority;
        var subscribe = $"GET /events?topic=a&earliest HTTP/1.1\r\nHost: {host}\r\n\r\n";
        var lines = $"POST /events HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
        var raw = $"POST /topics/a HTTP/1.1\r\nHost: {host}\r\nContent-Length: 40000\r\n\r\n";

        using var full = await SendAsync(address, subscribe, "spillway-open"); // It reads nothing any more.
        for (var i = 0; i < 100; i++)
        {
            using var publisher = await SendAsync(address, raw + new string('x', 40_000), "200 OK"); // 4 MB: more than the sockets hold.
        }

        foreach (var (request, answer) in ((string, string?)[])
        [
            (subscribe, "spillway-open"), (subscribe, null), (raw, null), (raw + new string('x', 40_000), null), (lines, null), (lines + "e\r\n{\"topic\":\"a\"}\n\r\n1\r\n{\r\n", null),
            ("QUERY /events HTTP/1.1\r\nHost: h\r\n", null), ($"GET /events?topic=* HTTP/1.1\r\nHost: {host}\r\n\r\n", "400 Bad Request"), ("\r\n nonsense \r\n\r\n", "400 Bad Request"),
        ])
        {
            using var broken = await SendAsync(address, request, answer);
            broken.LingerState = new LingerOption(true, 0); // A reset.
        }

        full.LingerState = new LingerOption(true, 0);
        full.Close();
        using var silent = await SendAsync(address, lines + "e\r\n{\"topic\":\"a\"}\n\r\n", null);
        using var live = await SendAsync(address, subscribe.Replace("&earliest", "", StringComparison.Ordinal), "spillway-open");
        await stop.CancelAsync();

        Assert.Equal((ExitCode.Success, ""), (await running, run.Error.ToString()));
    }

    /// <summary>Sends bytes on a connection of their own, and waits for part of the answer.</summary>
    private static async Task<Socket> SendAsync(Uri address, string request, string? answer)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, Stop);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), Stop);
        var received = new StringBuilder();
        var buffer = new byte[4_096];
        while (answer is not null && !received.ToString().Contains(answer, StringComparison.Ordinal))
        {
            var length = await socket.ReceiveAsync(buffer, Stop);
            Assert.True(length > 0, $"Instead of \"{answer}\": {received}");
            received.Append(Encoding.UTF8.GetString(buffer, 0, length));
        }

        return socket;
    }
}
