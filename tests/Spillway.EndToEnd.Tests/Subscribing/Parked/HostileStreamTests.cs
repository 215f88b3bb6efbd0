using System.Net.Sockets;
using System.Text;

namespace Spillway.EndToEnd.Tests.Subscribing.Parked;

/// <summary>Clients of event streams that leave, or talk, when and as they should not.</summary>
public sealed class HostileStreamTests
{
    private const string Another = "GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n";

    [Theory]
    [OwnSockets("1.1", 0)]
    [OwnSockets("1.1", 1)]
    [OwnSockets("1.1", 2)]
    [OwnSockets("1.0", 0)]
    [OwnSockets("1.0", 2)]
    public async Task HalfClose_AtAnyTime_EndsTheStream(HostSockets sockets, string version, int when)
    {
        await using var hub = await WatchedHub.StartAsync(sockets);
        for (var i = 0; i < 100; i++)
        {
            using var client = await RawConnection.ConnectAsync(hub.Server.Address);
            await client.SendAsync(WatchedHub.Request(hub.Server.Address, version));
            if (when == 1)
            {
                await client.ReadBytesAsync(1); // Its request is under way, or has just left the server.
            }
            else if (when == 2)
            {
                await client.ReadHeadAsync();
                await client.ReadUntilAsync(version == "1.0" ? "}\n\n" : "}\n\n\r\n");
            }

            client.HalfClose();
            Assert.DoesNotContain("0\r\n\r\n", await WatchedHub.ReadAllAsync(client), StringComparison.Ordinal); // Nobody ended the stream but the client.
        }

        await hub.EndAsync();
        Assert.Equal(0, hub.Count("spillway.transports.client_faults"));
        Assert.Equal(hub.Count("spillway.delivery.closed_connections"), hub.Closed("client-closed"));
    }

    [Theory]
    [OwnSockets]
    public async Task Reset_AfterAnyByteOfTheRequest_IsForgotten(HostSockets sockets)
    {
        await using var hub = await WatchedHub.StartAsync(sockets);
        const string Body = """{"topics":["a"]}""";
        string[] requests =
        [
            string.Join("\r\n", [.. WatchedHub.Request(hub.Server.Address), "", ""]),
            $"POST /subscribe HTTP/1.1\r\nHost: {hub.Server.Address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}",
            $"POST /subscribe HTTP/1.1\r\nHost: {hub.Server.Address.Authority}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{Body.Length:x}\r\n{Body}\r\n0\r\n\r\n",
        ];
        foreach (var request in requests)
        {
            for (var length = 0; length <= request.Length; length++)
            {
                using var client = await RawConnection.ConnectAsync(hub.Server.Address);
                await client.SendBytesAsync(Encoding.ASCII.GetBytes(request[..length]));
                if (length % 2 == 0)
                {
                    client.Reset();
                    continue;
                }

                client.HalfClose();
                var answer = await WatchedHub.ReadAllAsync(client);
                Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), answer);
            }
        }

        await hub.EndAsync();
    }

    [Theory]
    [OwnSockets]
    public async Task Reset_AfterAnyByteOfTheStream_IsForgotten(HostSockets sockets)
    {
        await using var hub = await WatchedHub.StartAsync(sockets);
        const int Most = 600; // Head, opening and the beginning of an event.
        for (var length = 0; length <= Most; length += 4)
        {
            using var client = await RawConnection.ConnectAsync(hub.Server.Address);
            await client.SendAsync(WatchedHub.Request(hub.Server.Address, query: WatchedHub.Topic + "&last=1"));
            if (length % 100 == 0)
            {
                await hub.PublishAsync(bytes: 400);
            }

            await client.ReadBytesAsync(length);
            client.Reset();
        }

        await hub.EndAsync();
        Assert.Equal(hub.Count("spillway.delivery.closed_connections"), hub.Closed("client-closed"));
    }

    [Theory]
    [OwnSockets(false, false)]
    [OwnSockets(true, false)]
    [OwnSockets(false, true)]
    [OwnSockets(true, true)]
    public async Task Bytes_BehindTheRequest_AreForgottenAndNoRequestIsAnswered(HostSockets sockets, bool isGarbage, bool oneByOne)
    {
        await using var hub = await WatchedHub.StartAsync(sockets);
        var more = isGarbage ? new byte[500] : Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Another, 8)));
        if (isGarbage)
        {
            new Random(7).NextBytes(more);
        }

        for (var i = 0; i < 20; i++)
        {
            using var client = await RawConnection.ConnectAsync(hub.Server.Address);
            byte[] all = [.. Encoding.ASCII.GetBytes(string.Join("\r\n", [.. WatchedHub.Request(hub.Server.Address), "", ""])), .. more];
            for (var at = 0; at < all.Length; at += oneByOne ? 1 : all.Length)
            {
                await client.SendBytesAsync(oneByOne ? [all[at]] : all);
            }

            Assert.Equal("HTTP/1.1 200 OK", (await client.ReadHeadAsync())[0]);
            Assert.Equal("spillway-open", Assert.Single(await client.ReadEventsAsync()).Type);
            await HubServer.WaitAsync(() => hub.Server.Hub.Connections == 2);
            await hub.PublishAsync();
            Assert.StartsWith(FormattableString.Invariant($"{i} "), Assert.Single(await client.ReadEventsAsync()).Data, StringComparison.Ordinal);

            client.HalfClose();
            Assert.Equal("", await client.ReadToEndAsync());
            await HubServer.WaitAsync(() => hub.Server.Hub.Connections == 1);
        }

        await hub.EndAsync();
        Assert.Equal(0, hub.Count("spillway.transports.client_faults"));
    }

    [Theory]
    [OwnSockets(true)]
    [OwnSockets(false)]
    public async Task Bytes_MoreThanIsIgnored_EndTheStreamAndAreCounted(HostSockets sockets, bool withTheRequest)
    {
        await using var hub = await WatchedHub.StartAsync(sockets, static options => options.Transports.CloseTimeout = TimeSpan.FromMilliseconds(300));
        const int Clients = 10;
        var flood = new byte[200 * 1024];
        for (var i = 0; i < Clients; i++)
        {
            using var client = await RawConnection.ConnectAsync(hub.Server.Address);
            byte[] head = Encoding.ASCII.GetBytes(string.Join("\r\n", [.. WatchedHub.Request(hub.Server.Address), "", ""]));
            await client.SendBytesAsync(withTheRequest ? [.. head, .. flood] : head);
            Assert.Equal("HTTP/1.1 200 OK", (await client.ReadHeadAsync())[0]);
            try
            {
                while (!withTheRequest || i % 2 == 0) // As long as the hub reads: it ends what does not end by itself.
                {
                    await client.SendBytesAsync(flood);
                    await hub.PublishAsync();
                }
            }
            catch (SocketException)
            {
            }

            await HubServer.WaitAsync(() => hub.Closed("protocol-error") == i + 1);
        }

        await hub.EndAsync();
        Assert.Equal(Clients, hub.Count("spillway.transports.client_faults", "talkative"));
    }

    [Theory]
    [OwnSockets("Content-Length: 5", "hello")]
    [OwnSockets("Content-Length: 5", "he")]
    [OwnSockets("Content-Length: 5", "")]
    [OwnSockets("Content-Length: 1000000", "hello")]
    [OwnSockets("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n")]
    [OwnSockets("Transfer-Encoding: chunked", "5\r\nhel")]
    [OwnSockets("Transfer-Encoding: chunked", "")]
    [OwnSockets("Transfer-Encoding: chunked", "wrong\r\n")]
    [OwnSockets("Expect: 100-continue", "")]
    public async Task Body_OfAGet_IsForgotten(HostSockets sockets, string header, string body)
    {
        await using var hub = await WatchedHub.StartAsync(sockets);
        for (var i = 0; i < 5; i++)
        {
            using var client = await RawConnection.ConnectAsync(hub.Server.Address);
            await client.SendBytesAsync(Encoding.ASCII.GetBytes(string.Join("\r\n", [.. WatchedHub.Request(hub.Server.Address), header, "", body])));
            Assert.Equal("HTTP/1.1 200 OK", (await client.ReadHeadAsync())[0]);
            Assert.Equal("spillway-open", Assert.Single(await client.ReadEventsAsync()).Type);
            await hub.PublishAsync();
            Assert.StartsWith(FormattableString.Invariant($"{i} "), Assert.Single(await client.ReadEventsAsync()).Data, StringComparison.Ordinal);
            client.Reset();
        }

        await hub.EndAsync();
    }
}
