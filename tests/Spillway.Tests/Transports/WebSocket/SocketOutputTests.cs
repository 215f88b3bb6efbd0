using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Spillway.Transports.WebSocket;

namespace Spillway.Tests.Transports.WebSocket;

/// <summary>Bytes to a real socket, whose other end takes them late, in part, or not at all.</summary>
public sealed class SocketOutputTests : IAsyncLifetime
{
    private const int Much = 8 * 1024 * 1024; // More than both ends' systems take.

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly Socket _client = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
    private Socket _socket = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 16 * 1024 };
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await _client.ConnectAsync(listener.LocalEndPoint!, Token);
        _socket = await listener.AcceptAsync(Token);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task FlushAsync_ClientReadsLate_SendsEveryByteOnceAndInOrder()
    {
        var output = new SocketOutput(_socket);
        var sent = new byte[Much];
        new Random(1).NextBytes(sent);
        output.Write(sent);

        var flush = output.FlushAsync(Token).AsTask();
        Assert.False(flush.IsCompleted);
        var received = new byte[Much];
        await ReceiveAsync(received);
        await flush.WaitAsync(Patience, Token);
        output.Write("behind"u8);
        var next = output.FlushAsync(Token).AsTask();

        Assert.True(next.IsCompletedSuccessfully);
        Assert.Equal(sent, received);
        var last = new byte[6];
        await ReceiveAsync(last);
        Assert.Equal("behind"u8, last);
    }

    [Fact]
    public async Task FlushAsync_KestrelWaitsForData_DisturbsNeither()
    {
        var waiting = _socket.ReceiveAsync(Memory<byte>.Empty, Token).AsTask(); // As Kestrel does, before there is an output.
        var output = new SocketOutput(_socket);
        output.Write("to the client"u8);

        Assert.True(output.FlushAsync(Token).AsTask().IsCompletedSuccessfully);
        Assert.False(waiting.IsCompleted);
        await _client.SendAsync("x"u8.ToArray(), Token);
        await waiting.WaitAsync(Patience, Token);
        var read = new byte[2];
        Assert.Equal(1, await _socket.ReceiveAsync(read, Token).AsTask().WaitAsync(Patience, Token));
    }

    [Fact]
    public async Task FlushAsync_RestUnderWay_RefusesToPutMoreBytesIntoItsMiddle()
    {
        var output = new SocketOutput(_socket);
        output.Write(new byte[Much]);
        var flush = output.FlushAsync(Token).AsTask();
        output.Write("into the middle"u8);

        await Assert.ThrowsAsync<InvalidOperationException>(() => output.FlushAsync(Token).AsTask());

        await ReceiveAsync(new byte[Much]);
        await flush.WaitAsync(Patience, Token);
    }

    [Fact]
    public async Task FlushAsync_ResetWhileARestIsSent_FailsAndSendsNothingMore()
    {
        var output = new SocketOutput(_socket);
        output.Write(new byte[Much]);
        var flush = output.FlushAsync(Token).AsTask();
        Assert.False(flush.IsCompleted);

        _client.LingerState = new LingerOption(true, 0);
        _client.Close();

        await Assert.ThrowsAsync<SocketException>(() => flush.WaitAsync(Patience, Token));
        output.Write("x"u8);
        await Assert.ThrowsAsync<InvalidOperationException>(() => output.FlushAsync(Token).AsTask());
    }

    [Fact]
    public async Task FlushAsync_ResetBefore_Fails()
    {
        var output = new SocketOutput(_socket);
        var gone = _socket.ReceiveAsync(new byte[1], Token).AsTask();
        _client.LingerState = new LingerOption(true, 0);
        _client.Close();
        await Assert.ThrowsAsync<SocketException>(() => gone.WaitAsync(Patience, Token));
        output.Write("x"u8);

        await Assert.ThrowsAsync<SocketException>(() => output.FlushAsync(Token).AsTask());
    }

    [Fact]
    public async Task FlushAsync_SocketClosedUnderARest_Fails()
    {
        var output = new SocketOutput(_socket);
        output.Write(new byte[Much]);
        var flush = output.FlushAsync(Token).AsTask();
        Assert.False(flush.IsCompleted);

        _socket.Shutdown(SocketShutdown.Both); // As Kestrel does.
        _socket.Dispose();

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => flush.WaitAsync(Patience, Token));
        Assert.True(fault is SocketException or ObjectDisposedException, fault.ToString());
    }

    [Fact]
    public async Task FlushAsync_SocketClosedBefore_Fails()
    {
        var before = new SocketOutput(_socket);
        _socket.Dispose();
        var after = new SocketOutput(_socket);

        foreach (var output in (SocketOutput[])[before, after])
        {
            output.Write("x"u8);
            var flush = output.FlushAsync(Token).AsTask();
            Assert.True(flush.IsFaulted);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => flush);
        }
    }

    [Fact]
    public async Task FlushAsync_Cancelled_EndsWaitingForTheClient()
    {
        using var cancelled = new CancellationTokenSource();
        var output = new SocketOutput(_socket);
        output.Write(new byte[Much]);
        var flush = output.FlushAsync(cancelled.Token).AsTask();
        Assert.False(flush.IsCompleted);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flush.WaitAsync(Patience, Token));
    }

    private async Task ReceiveAsync(Memory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var received = await _client.ReceiveAsync(bytes, Token).AsTask().WaitAsync(Patience, Token);
            Assert.True(received > 0, "The connection ended.");
            bytes = bytes[received..];
        }
    }
}
