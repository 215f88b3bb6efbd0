using System.Buffers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Spillway.Delivery;
using Spillway.TestKit;
using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

public sealed class DetachTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [SocketKinds]
    public async Task TryDetach_WrittenBeforeAndAfter_OnlyWhatWasWrittenBeforeArrives(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync();
        var adopter = new RecordingAdopter();
        await connection.Transport.Output.WriteAsync("flushed "u8.ToArray(), Token);
        connection.Transport.Output.Write("not flushed"u8);

        Assert.True(Detach(connection, adopter));
        await connection.Transport.Output.WriteAsync("0\r\n\r\n"u8.ToArray(), Token);
        connection.Transport.Output.Write(new byte[10_000]);
        await connection.Transport.Output.CompleteAsync();
        connection.Abort(new ConnectionAbortedException("test"));
        await connection.DisposeAsync();

        var (descriptor, early) = (await adopter.Outcome)!.Value;
        Assert.Empty(early);
        Assert.Equal(6, rig.Calls.Send(descriptor, " adopt"u8));
        rig.Calls.Close(descriptor);
        Assert.Equal("flushed not flushed adopt"u8.ToArray(), await TransportRig.ReadToEndAsync(client));
        Assert.False(connection.ConnectionClosed.IsCancellationRequested);
        Assert.Equal((1, 0), (rig.Metrics.Sum("spillway.transports.handed_off_sockets", "adopted"), rig.Metrics.Sum("spillway.transports.served_sockets")));
        client.Dispose();
    }

    [Theory]
    [SocketKinds(0)]
    [SocketKinds(1)]
    [SocketKinds(100_000)] // More than may be unread: the rest waits in the kernel.
    public async Task TryDetach_ClientSentMore_TheAdopterGetsItAndKestrelSeesTheEnd(SocketKind sockets, int count)
    {
        await using var rig = await TransportRig.StartAsync(sockets, static options => options.UnreadBytes = 16 * 1024);
        var (connection, client) = await rig.ConnectAsync();
        var sent = new byte[count];
        Random.Shared.NextBytes(sent);
        await client.SendAsync("request"u8.ToArray(), Token);
        var read = await connection.Transport.Input.ReadAtLeastAsync(7, Token);
        connection.Transport.Input.AdvanceTo(read.Buffer.GetPosition(7));
        await client.SendAsync(sent, Token);
        var adopter = new RecordingAdopter();

        Assert.True(Detach(connection, adopter));
        var end = await connection.Transport.Input.ReadAsync(Token);
        connection.Transport.Input.AdvanceTo(end.Buffer.End);

        Assert.Equal((0L, true, false), (end.Buffer.Length, end.IsCompleted, end.IsCanceled));
        Assert.True(connection.Transport.Input.TryRead(out end) && end is { IsCompleted: true, Buffer.IsEmpty: true });
        var (descriptor, early) = (await adopter.Outcome)!.Value;
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(sent, await ReadRestAsync(rig.Calls, descriptor, early));
        Assert.InRange(early.Length, 0, (16 * 1024) + IoThread.ReceiveBytes);
        rig.Calls.Close(descriptor);
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task TryDetach_KernelIsFull_IsAdoptedOnceTheClientHasTakenIt(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync(receiveBuffer: 4 * 1024);
        var sent = new byte[4 * 1024 * 1024];
        Random.Shared.NextBytes(sent);
        _ = connection.Transport.Output.WriteAsync(sent, Token).AsTask();
        var adopter = new RecordingAdopter();

        Assert.True(Detach(connection, adopter));
        Assert.Equal(0, adopter.Calls);

        Assert.Equal(sent, await TransportRig.ReadAsync(client, sent.Length));
        rig.Calls.Close((await adopter.Outcome)!.Value.Descriptor);
        Assert.Empty(await TransportRig.ReadToEndAsync(client));
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task TryDetach_ClientTakesNothing_IsGoneAfterTheTimeout(SocketKind sockets)
    {
        var clock = new ManualTimeProvider();
        await using var rig = await TransportRig.StartAsync(sockets, static options => options.HandOffTimeout = TimeSpan.FromSeconds(7), clock);
        var (connection, client) = await rig.ConnectAsync(receiveBuffer: 4 * 1024);
        _ = connection.Transport.Output.WriteAsync(new byte[4 * 1024 * 1024], Token).AsTask();
        var adopter = new RecordingAdopter();
        Assert.True(Detach(connection, adopter));
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(7), Token).WaitAsync(Patience, Token);

        clock.Advance(TimeSpan.FromSeconds(7));

        Assert.Null(await adopter.Outcome);
        Assert.Equal(CloseReason.WriteTimeout, adopter.Reason);
        await Assert.ThrowsAsync<SocketException>(() => TransportRig.ReadToEndAsync(client));
        Assert.Equal(1, rig.Metrics.Sum("spillway.transports.handed_off_sockets", "timeout"));
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task TryDetach_ClientResetsMeanwhile_IsGone(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync(receiveBuffer: 4 * 1024);
        _ = connection.Transport.Output.WriteAsync(new byte[4 * 1024 * 1024], Token).AsTask();
        var adopter = new RecordingAdopter();
        Assert.True(Detach(connection, adopter));

        client.Close(0);

        Assert.Null(await adopter.Outcome);
        Assert.Equal((1, 1, CloseReason.ClientClosed), (adopter.Calls, (int)rig.Metrics.Sum("spillway.transports.handed_off_sockets", "gone"), adopter.Reason));
        Assert.False(connection.ConnectionClosed.IsCancellationRequested);
    }

    [Theory]
    [SocketKinds]
    public async Task TryDetach_TransportEndsMeanwhile_IsGone(SocketKind sockets)
    {
        var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync(receiveBuffer: 4 * 1024);
        _ = connection.Transport.Output.WriteAsync(new byte[4 * 1024 * 1024], Token).AsTask();
        var adopter = new RecordingAdopter();
        Assert.True(Detach(connection, adopter));

        await rig.DisposeAsync();

        Assert.Null(await adopter.Outcome);
        Assert.Equal(CloseReason.Shutdown, adopter.Reason);
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task TryDetach_ClientHasLeft_StaysWithKestrel(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync();
        client.Dispose();
        await TransportRig.WaitAsync(() => connection.ConnectionClosed.IsCancellationRequested, "the connection is closed");
        var adopter = new RecordingAdopter();

        Assert.False(Detach(connection, adopter));

        await connection.DisposeAsync();
        Assert.Equal(0, adopter.Calls);
    }

    [Theory]
    [SocketKinds]
    public async Task TryDetach_Aborted_StaysWithKestrel(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync();
        connection.Abort(new ConnectionAbortedException("test"));

        Assert.False(Detach(connection, new RecordingAdopter()));

        await connection.DisposeAsync();
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task TryDetach_SomebodyReads_StaysWithKestrel(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync();
        var reading = connection.Transport.Input.ReadAsync(Token).AsTask();

        Assert.False(Detach(connection, new RecordingAdopter()));

        await client.SendAsync("x"u8.ToArray(), Token);
        var read = await reading.WaitAsync(Patience, Token);
        Assert.False(Detach(connection, new RecordingAdopter())); // It looks at the bytes.
        connection.Transport.Input.AdvanceTo(read.Buffer.End);
        var adopter = new RecordingAdopter();
        Assert.True(Detach(connection, adopter));
        rig.Calls.Close((await adopter.Outcome)!.Value.Descriptor);
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task TryDetach_SomethingStandsBetween_StaysWithKestrel(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync();
        var own = connection.Transport;
        connection.Transport = new Wrapped(own.Input, own.Output); // As TLS does.

        Assert.False(Detach(connection, new RecordingAdopter()));

        await connection.DisposeAsync();
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task TryDetach_Twice_TheFirstAdopterHasIt(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync();
        var (first, second) = (new RecordingAdopter(), new RecordingAdopter());

        Assert.True(Detach(connection, first));
        Assert.False(Detach(connection, second));

        rig.Calls.Close((await first.Outcome)!.Value.Descriptor);
        Assert.Equal((1, 0), (first.Calls, second.Calls));
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task TryDetach_ManyWhileClientsSendAndLeave_EachIsToldOnceAndNoDescriptorStays(SocketKind sockets)
    {
        const int Rounds = 300;
        await using var rig = await TransportRig.StartAsync(sockets);
        var adopters = new List<RecordingAdopter>();
        for (var i = 0; i < Rounds; i++)
        {
            var (connection, client) = await rig.ConnectAsync();
            var adopter = new RecordingAdopter();
            var leaving = Task.Run(
                async () =>
                {
                    await client.SendAsync(new byte[100], Token);
                    client.Close(i % 2);
                },
                Token);
            await connection.Transport.Output.WriteAsync(new byte[1 + (i * 100)], Token);
            if (Detach(connection, adopter))
            {
                adopters.Add(adopter);
            }

            await leaving;
            await connection.DisposeAsync().AsTask().WaitAsync(Patience, Token);
        }

        var adopted = 0;
        foreach (var adopter in adopters)
        {
            if (await adopter.Outcome is { } socket)
            {
                adopted++;
                rig.Calls.Close(socket.Descriptor);
            }

            Assert.Equal(1, adopter.Calls);
        }

        Assert.NotEmpty(adopters);
        Assert.Equal(adopted, rig.Metrics.Sum("spillway.transports.handed_off_sockets", "adopted"));
        Assert.Equal((Rounds, 0), (rig.Metrics.Sum("spillway.transports.accepted_sockets"), rig.Metrics.Sum("spillway.transports.served_sockets")));
    }

    private static bool Detach(ConnectionContext connection, ISocketAdopter adopter) => connection.Features.Get<IDetachableConnection>()!.TryDetach(adopter);

    private static async Task<byte[]> ReadRestAsync(SocketCalls calls, int descriptor, byte[] early)
    {
        var all = new List<byte>(early);
        var buffer = new byte[64 * 1024];
        var read = -SocketCalls.Again;
        await TransportRig.WaitAsync(
            () =>
            {
                while ((read = calls.Receive(descriptor, buffer)) > 0)
                {
                    all.AddRange(buffer[..read]);
                }

                return read == 0;
            },
            "the client's end");
        return [.. all];
    }

    private sealed record Wrapped(System.IO.Pipelines.PipeReader Input, System.IO.Pipelines.PipeWriter Output) : System.IO.Pipelines.IDuplexPipe;
}
