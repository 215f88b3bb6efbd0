using System.Globalization;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>Streams that share one connection of HTTP/2 over TLS.</summary>
public sealed class Http2Tests
{
    private const int Events = 128;

    [Fact]
    public async Task Stream_UnreadSiblings_NeverStallOneThatIsRead()
    {
        await using var server = await HubServer.StartAsync();
        using var client = server.CreateHttp2Client();
        var unread = new List<StreamSubscriber>();
        for (var i = 0; i < 20; i++)
        {
            unread.Add(await StreamSubscriber.OpenAsync(client, "/events?topic=a"));
        }

        using var read = await StreamSubscriber.OpenedAsync(client, "/events?topic=a");
        await server.WaitForConnectionsAsync(21);
        for (var i = 0; i < Events; i++)
        {
            // 2 MiB for each, far above a stream's window of 64 KiB.
            await server.PublishAsync("a", i.ToString(CultureInfo.InvariantCulture).PadRight(16 * 1024, 'x'));
        }

        Assert.Equal(Enumerable.Range(0, Events), await ReadAsync(read));
        Assert.Equal(1, server.Connects);

        // And nothing was lost for one that begins to read late.
        Assert.Equal("spillway-open", (await unread[7].NextAsync()).Type);
        Assert.Equal(Enumerable.Range(0, Events), await ReadAsync(unread[7]));
        unread.ForEach(static subscriber => subscriber.Dispose());
    }

    /// <summary>The numbers of the next events, whether or not their reader was told that it is slow.</summary>
    private static async Task<List<int>> ReadAsync(StreamSubscriber subscriber)
    {
        var numbers = new List<int>();
        while (numbers.Count < Events)
        {
            var next = await subscriber.NextAsync();
            if (next.Type == "message")
            {
                numbers.Add(int.Parse(next.Data.TrimEnd('x'), CultureInfo.InvariantCulture));
            }
            else
            {
                Assert.Equal("spillway-slow", next.Type);
            }
        }

        return numbers;
    }

    [Fact]
    public async Task Stream_UnreadForTooLong_IsResetAlone()
    {
        await using var server = await HubServer.StartAsync(static options => options.Sse.WriteStall = TimeSpan.FromSeconds(1));
        using var client = server.CreateHttp2Client();
        using var unread = await StreamSubscriber.OpenAsync(client, "/events?topic=a");
        using var sibling = await StreamSubscriber.OpenedAsync(client, "/events?topic=b");
        await server.WaitForConnectionsAsync(2);

        for (var i = 0; i < 64; i++)
        {
            await server.PublishAsync("a", new string('x', 16 * 1024));
        }

        await server.WaitForConnectionsAsync(1);
        await server.PublishAsync("b", "still here");

        Assert.Equal("still here", (await sibling.NextAsync()).Data);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await unread.TryNextAsync() is not null)
            {
                // What was on the way may still come.
            }
        });
        Assert.Equal(1, server.Connects);
    }

    [Fact]
    public async Task Stream_CancelledByTheClient_IsForgottenAlone()
    {
        await using var server = await HubServer.StartAsync();
        using var client = server.CreateHttp2Client();
        using var staying = await StreamSubscriber.OpenedAsync(client, "/events?topic=a");
        var leaving = await StreamSubscriber.OpenedAsync(client, "/events?topic=a");
        await server.WaitForConnectionsAsync(2);

        leaving.Dispose();
        await server.WaitForConnectionsAsync(1);
        await server.PublishAsync("a", "x");

        Assert.Equal("x", (await staying.NextAsync()).Data);
    }
}
