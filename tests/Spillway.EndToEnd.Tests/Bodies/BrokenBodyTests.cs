using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Bodies;

/// <summary>Bodies that break off, or whose framing breaks, once a part of them is read: the client is told where that can be, nothing comes in by halves, and no log says more than it has to.</summary>
public sealed class BrokenBodyTests
{
    private const string Json = "application/json";
    private const string Lines = "application/x-ndjson";

    public static TheoryData<HostSockets, string, string> Endpoints
    {
        get
        {
            var data = new TheoryData<HostSockets, string, string>();
            foreach (var sockets in Enum.GetValues<HostSockets>())
            {
                data.Add(sockets, "POST /subscribe", Json);
                data.Add(sockets, "QUERY /events", Json);
                data.Add(sockets, "POST /events", Json);
                data.Add(sockets, "POST /events", Lines);
                data.Add(sockets, "POST /topics/a", "text/plain");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Body_EndsBeforeItsLength_IsAQuietEnd(HostSockets sockets, string request, string contentType)
    {
        await using var hub = await StartAsync(sockets);
        for (var i = 0; i < 10; i++)
        {
            using var client = await hub.BeginAsync(request, contentType, "Content-Length: 50", "{\"top");

            client.HalfClose();

            Assert.Equal("", await ReadAsync(client)); // Kestrel has no answer for who has left.
        }

        await hub.EndAsync();
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Body_ChunksEndEarly_IsAQuietEnd(HostSockets sockets, string request, string contentType)
    {
        await using var hub = await StartAsync(sockets);
        for (var i = 0; i < 10; i++)
        {
            using var client = await hub.BeginAsync(request, contentType, "Transfer-Encoding: chunked", "20\r\n{\"top");

            client.HalfClose();

            Assert.Equal("", await ReadAsync(client));
        }

        await hub.EndAsync();
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Body_ResetWithin_IsAQuietEnd(HostSockets sockets, string request, string contentType)
    {
        await using var hub = await StartAsync(sockets);
        for (var i = 0; i < 20; i++)
        {
            using var client = await hub.BeginAsync(
                request, contentType, i % 2 == 0 ? "Transfer-Encoding: chunked" : "Content-Length: 50", i % 2 == 0 ? "20\r\n{\"top" : "{\"top");

            client.Reset();
        }

        await hub.EndAsync();
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Body_FramingBreaks_IsToldSo(HostSockets sockets, string request, string contentType)
    {
        await using var hub = await StartAsync(sockets);
        foreach (var fault in (string[])["wrong\r\n", "-1\r\n", "fffffffff\r\n", "\r\n\r\n", "1\r\nab\r\n", "0\r\nX y\r\n\r\n", "0\r\n\u00ff: x\r\n\r\n"])
        {
            using var client = await hub.BeginAsync(request, contentType, "Transfer-Encoding: chunked", "5\r\n{\"top\r\n");

            await client.SendBytesAsync(Encoding.Latin1.GetBytes(fault));

            var answer = await ReadAsync(client);
            Assert.True(answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), $"After \"{fault}\": {answer}");
            Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.Ordinal);
            Assert.Contains("\"type\":\"urn:spillway:problem:broken-body\"", answer, StringComparison.Ordinal);
        }

        await hub.EndAsync();
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Body_TrailersAreNoText_IsAQuietEnd(HostSockets sockets, string request, string contentType)
    {
        await using var hub = await StartAsync(sockets);
        using var client = await hub.BeginAsync(request, contentType, "Transfer-Encoding: chunked", "5\r\n{\"top\r\n");

        await client.SendBytesAsync(Encoding.Latin1.GetBytes("0\r\nX: \u00ff\r\n\r\n"));

        Assert.Equal("", await ReadAsync(client)); // Kestrel would tell its log of one that it has answered.

        await hub.EndAsync();
    }

    /// <summary>By the same way a stream of lines that says nothing for too long is ended; what is thrown there ends the process.</summary>
    [Fact]
    public async Task Stop_WhileABodyIsBeingAborted_IsQuiet()
    {
        // As Kestrel's readers do between a reset and the end of the request.
        await using var hub = await StartAsync(HostSockets.Native, static _ => throw new ConnectionAbortedException());
        using var client = await hub.BeginAsync("POST /events", Lines, "Transfer-Encoding: chunked", "5\r\n{\"top\r\n");

        var ending = hub.EndAsync();
        client.HalfClose(); // Nothing else ends its request now.

        await ending;
    }

    [Fact]
    public async Task Stop_FindsThePublisherGone_IsQuiet()
    {
        await using var hub = await StartAsync(HostSockets.Native, static context => context.RequestAborted = new CancellationToken(canceled: true));
        using var client = await hub.BeginAsync("POST /events", Lines, "Transfer-Encoding: chunked", "5\r\n{\"top\r\n");

        await hub.EndAsync();

        Assert.Equal("", await ReadAsync(client));
    }

    private static Task<string> ReadAsync(RawConnection client) => Subscribing.Parked.WatchedHub.ReadAllAsync(client);

    private static async Task<Host> StartAsync(HostSockets sockets, Action<HttpContext>? beforeInterrupt = null)
    {
        var watch = new BodyWatch { BeforeInterrupt = beforeInterrupt };
        return new Host(await HubServer.StartAsync(configureHost: builder => builder.Services.AddSingleton<IStartupFilter>(watch), sockets: sockets), watch);
    }

    private sealed class Host(HubServer server, BodyWatch watch) : IAsyncDisposable
    {
        /// <summary>A client that has sent the beginning of a body, which the hub has read.</summary>
        public async Task<RawConnection> BeginAsync(string request, string contentType, string framing, string body)
        {
            var client = await RawConnection.ConnectAsync(server.Address);
            await client.SendAsync($"{request} HTTP/1.1", $"Host: {server.Address.Authority}", $"Content-Type: {contentType}", framing);
            await client.SendBytesAsync(Encoding.ASCII.GetBytes(body));
            await watch.WaitAsync();
            return client;
        }

        /// <summary>Returns once all requests have ended; nothing has come in, and nothing was logged that an operator would have to read.</summary>
        public async Task EndAsync()
        {
            await server.StopAsync();
            var trouble = string.Join('\n', server.Logs.Lines.Where(static line => line.Level >= LogLevel.Warning && !line.Text.Contains("heartbeat", StringComparison.Ordinal)).Select(static line => line.Text)); // Kestrel's, of a machine that is busy.
            Assert.True(trouble.Length == 0, trouble);
            Assert.Equal(0, server.Metrics.Sum("spillway.ingress.accepted_events"));
        }

        public async ValueTask DisposeAsync()
        {
            server.Logs.TakeErrors();
            await server.DisposeAsync();
            watch.Dispose();
        }
    }
}
