using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Spillway.Tests.Transports.Parked;

public sealed class SocketConnectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [SocketKinds]
    public async Task Input_BytesOneByOne_ArriveInOrder(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync();
        using (client)
        {
            var sent = RandomBytes(2_000);
            for (var i = 0; i < sent.Length; i++)
            {
                await client.SendAsync(sent.AsMemory(i, 1), Token);
            }

            Assert.Equal(sent, await ReadAsync(connection.Transport.Input, sent.Length));
            await connection.DisposeAsync();
        }
    }

    [Theory]
    [SocketKinds]
    public async Task Input_PeerEndsWithItsLastBytes_ComesToItsEndBehindThem(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var client = await rig.DialAsync();
        await client.SendAsync("hello"u8.ToArray(), Token);
        client.Shutdown(SocketShutdown.Send); // Both are there when the socket is accepted: one edge.

        var connection = await rig.AcceptAsync();

        Assert.Equal("hello"u8.ToArray(), await ReadToEndAsync(connection.Transport.Input));
        await ClosedAsync(connection);
        await connection.DisposeAsync();
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task Input_PeerEndsLater_ComesToItsEndAndTheConnectionIsToldClosed(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync();
        await client.SendAsync("hello"u8.ToArray(), Token);
        Assert.Equal("hello"u8.ToArray(), await ReadAsync(connection.Transport.Input, 5));
        Assert.False(connection.ConnectionClosed.IsCancellationRequested);

        client.Shutdown(SocketShutdown.Send);

        Assert.Empty(await ReadToEndAsync(connection.Transport.Input));
        await ClosedAsync(connection);
        await connection.DisposeAsync();
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task Input_PeerResets_FailsAsKestrelExpects(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync();

        client.Close(0);

        await Assert.ThrowsAsync<ConnectionResetException>(() => ReadToEndAsync(connection.Transport.Input));
        await ClosedAsync(connection);
        await connection.DisposeAsync();
    }

    [Theory]
    [SocketKinds]
    public async Task Input_ReaderIsBehind_PeerHasToWaitAndLosesNothing(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets, static options => options.UnreadBytes = 64 * 1024);
        var (connection, client) = await rig.ConnectAsync();
        client.SendBufferSize = 64 * 1024;
        var sent = RandomBytes(16 * 1024 * 1024);

        var sending = SendAllAsync(client, sent);
        await TransportRig.WaitAsync(() => TransportRig.IsSettled(client), "the client's sending stands still");
        Assert.False(sending.IsCompleted);

        Assert.Equal(sent, await ReadToEndAsync(connection.Transport.Input));
        await sending;
        await connection.DisposeAsync();
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task Output_KernelIsFull_FlushWaitsUntilThePeerReads(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync(receiveBuffer: 4 * 1024);
        var sent = RandomBytes(8 * 1024 * 1024);

        var writing = connection.Transport.Output.WriteAsync(sent, Token).AsTask();
        Assert.False(writing.IsCompleted);

        Assert.Equal(sent, await TransportRig.ReadAsync(client, sent.Length));
        Assert.False((await writing.WaitAsync(Patience, Token)).IsCompleted);
        await connection.DisposeAsync();
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task Output_ManySizesAgainstASlowPeer_ArrivesWhole(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets, static options => options.UnacknowledgedBytes = 16 * 1024);
        var (connection, client) = await rig.ConnectAsync(receiveBuffer: 4 * 1024);
        var random = new Random(1);
        var sent = RandomBytes(4 * 1024 * 1024);

        var reading = TransportRig.ReadToEndAsync(client);
        for (var at = 0; at < sent.Length;)
        {
            var piece = Math.Min(sent.Length - at, 1 + random.Next(random.Next(4) == 0 ? 100_000 : 3_000));
            await connection.Transport.Output.WriteAsync(sent.AsMemory(at, piece), Token);
            at += piece;
        }

        await connection.DisposeAsync();
        Assert.Equal(sent, await reading);
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task Output_PeerReset_FlushSaysThatNobodyReads(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync();
        client.Close(0);

        var written = 0;
        while (!(await connection.Transport.Output.WriteAsync("x"u8.ToArray(), Token)).IsCompleted)
        {
            Assert.True(++written < 1_000_000, "Nothing tells that the peer has gone.");
        }

        await connection.DisposeAsync();
    }

    [Theory]
    [SocketKinds]
    public async Task Dispose_MoreIsPendingThanTheKernelTakes_SendsItFirst(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync(receiveBuffer: 4 * 1024);
        var sent = RandomBytes(2 * 1024 * 1024);
        _ = connection.Transport.Output.WriteAsync(sent, Token).AsTask();

        var disposing = connection.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);
        var second = connection.DisposeAsync().AsTask();

        Assert.Equal(sent, await TransportRig.ReadToEndAsync(client));
        await disposing.WaitAsync(Patience, Token);
        await second.WaitAsync(Patience, Token);
        await connection.DisposeAsync();
        client.Dispose();
        Assert.Equal(0, rig.Metrics.Sum("spillway.transports.served_sockets"));
    }

    [Theory]
    [SocketKinds]
    public async Task Abort_FlushWaits_EndsItAndResetsThePeer(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync(receiveBuffer: 4 * 1024);
        var writing = connection.Transport.Output.WriteAsync(new byte[8 * 1024 * 1024], Token).AsTask();

        connection.Abort(new ConnectionAbortedException("test"));

        Assert.True((await writing.WaitAsync(Patience, Token)).IsCompleted);
        await ClosedAsync(connection);
        Assert.Equal("test", (await Assert.ThrowsAsync<ConnectionAbortedException>(() => ReadToEndAsync(connection.Transport.Input))).Message);
        await Assert.ThrowsAsync<SocketException>(() => TransportRig.ReadToEndAsync(client));
        await connection.DisposeAsync();
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task EndPoints_ListeningEverywhere_AreThoseOfTheConnection(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets, address: IPAddress.IPv6Any);
        var (connection, client) = await rig.ConnectAsync();

        Assert.Equal((client.RemoteEndPoint, client.LocalEndPoint), (connection.LocalEndPoint, connection.RemoteEndPoint));
        await connection.DisposeAsync();
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task Transport_Disposed_ResetsWhatIsOpen(SocketKind sockets)
    {
        var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync();

        await rig.DisposeAsync();

        await ClosedAsync(connection);
        await Assert.ThrowsAsync<SocketException>(() => TransportRig.ReadToEndAsync(client));
        await connection.DisposeAsync();
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task Echo_ManyConnectionsAtOnce_EachGetsItsOwn(SocketKind sockets)
    {
        const int Connections = 200;
        await using var rig = await TransportRig.StartAsync(sockets);
        var serving = Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ => await EchoAsync(await rig.AcceptAsync())));

        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            using var client = await rig.DialAsync();
            var sent = RandomBytes(100_000);
            var sending = SendAllAsync(client, sent);
            Assert.Equal(sent, await TransportRig.ReadToEndAsync(client));
            await sending;
        }));

        await serving.WaitAsync(Patience, Token);
        Assert.Equal(Connections, rig.Metrics.Sum("spillway.transports.accepted_sockets"));
        Assert.Equal(0, rig.Metrics.Sum("spillway.transports.served_sockets"));
    }

    private static async Task EchoAsync(ConnectionContext connection)
    {
        await connection.Transport.Input.CopyToAsync(connection.Transport.Output, Token);
        await connection.DisposeAsync();
    }

    private static async Task SendAllAsync(Socket client, byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            at += await client.SendAsync(bytes.AsMemory(at), Token);
        }

        client.Shutdown(SocketShutdown.Send);
    }

    private static async Task<byte[]> ReadAsync(PipeReader input, int count)
    {
        var result = await input.ReadAtLeastAsync(count, Token).AsTask().WaitAsync(Patience, Token);
        var bytes = System.Buffers.BuffersExtensions.ToArray(result.Buffer);
        input.AdvanceTo(result.Buffer.End);
        return bytes;
    }

    private static async Task<byte[]> ReadToEndAsync(PipeReader input)
    {
        using var all = new MemoryStream();
        await input.CopyToAsync(all, Token).WaitAsync(Patience, Token);
        return all.ToArray();
    }

    private static async Task ClosedAsync(ConnectionContext connection)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = connection.ConnectionClosed.Register(closed.SetResult);
        await closed.Task.WaitAsync(Patience, Token);
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }
}
