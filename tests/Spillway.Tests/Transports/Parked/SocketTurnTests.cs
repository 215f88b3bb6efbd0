using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.TestKit;
using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Native;

namespace Spillway.Tests.Transports.Parked;

/// <summary>Threads that meet at one connection, and connections that meet at one thread.</summary>
public sealed class SocketTurnTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [SocketKinds]
    public async Task TryDetach_TwoAtOnce_ThatWhichSucceedsHasIt(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        for (var round = 0; round < 300; round++)
        {
            var (connection, client) = await rig.ConnectAsync();
            using var _ = client;
            RecordingAdopter[] adopters = [new(), new()];
            using var start = new Barrier(2);

            var detached = await Task.WhenAll(adopters.Select(adopter => Task.Run(
                () =>
                {
                    start.SignalAndWait(Token);
                    return connection.Features.Get<IDetachableConnection>()!.TryDetach(adopter);
                },
                Token)));

            Assert.Single(detached, static done => done);
            rig.Calls.Close((await adopters[Array.IndexOf(detached, true)].Outcome)!.Value.Descriptor);
        }
    }

    [Theory]
    [SocketKinds]
    public async Task Input_PeerResets_TheConnectionIsToldClosedBeforeItsReader(SocketKind sockets) // Else Kestrel logs a fault of the application.
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        for (var round = 0; round < 50; round++)
        {
            var (connection, client) = await rig.ConnectAsync();
            var isTold = false;
            await using var registration = connection.ConnectionClosed.Register(() => Volatile.Write(ref isTold, true));
            var reading = connection.Transport.Input.ReadAsync(Token).AsTask().ContinueWith(
                ended => (WasTold: Volatile.Read(ref isTold), Fault: ended.Exception?.InnerException), Token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

            client.Close(0);

            var (wasTold, fault) = await reading.WaitAsync(Patience, Token);
            Assert.IsType<ConnectionResetException>(fault);
            Assert.True(wasTold, $"The reader was faster in round {round}.");
            await connection.DisposeAsync();
        }
    }

    /// <summary>The I/O thread serves all connections: it goes on with the next before one that takes everything has everything.</summary>
    [Fact]
    public async Task Flush_OnTheIoThread_SendsABoundedNumberOfPiecesATurn()
    {
        const int Sent = 300_000;
        using var metrics = new MetricCollector();
        using var pair = new SocketPair(sendBuffer: 4 * 1024 * 1024);
        pair.Peer.ReceiveBufferSize = 4 * 1024 * 1024;
        var calls = new NativeCalls();
        var io = new IoThread(calls, NullLogger.Instance);
        var output = new PipeOptions(readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 4_096, resumeWriterThreshold: 2_048, minimumSegmentSize: 4_096, useSynchronizationContext: false);
        var host = Host(calls, io, output, metrics);
        Assert.True(Descriptors.TryCopy(pair.Descriptor, out var descriptor));
        var connection = new SocketConnection(host, descriptor, null, null);
        var looked = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        io.Schedule(
            _ =>
            {
                connection.Begin(out var _);
                foreach (var piece in new byte[Sent].Chunk(4_096))
                {
                    System.Buffers.BuffersExtensions.Write(connection.Transport.Output, piece);
                }

                _ = connection.Transport.Output.FlushAsync(Token).AsTask();
                looked.SetResult(pair.Peer.Available); // Loopback delivers within the call that sends.
            },
            null);

        Assert.InRange(await looked.Task.WaitAsync(Patience, Token), 1, 4 * 64 * 1024);
        await TransportRig.ReadAsync(pair.Peer, Sent); // And yet all of it.
        await connection.DisposeAsync();
        await io.StopAsync();
    }

    /// <summary>The kernel tells a reset once. That a send was told does not make what a receive sees a proper end.</summary>
    [Theory]
    [SocketKinds]
    public async Task Input_SendWasToldOfTheReset_FailsAsIfItWereTold(SocketKind sockets)
    {
        using var metrics = new MetricCollector();
        using var holds = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var calls = sockets.Create();
        using var pair = new CallsPair(calls);
        var io = new IoThread(calls, NullLogger.Instance);
        var connection = new SocketConnection(Host(calls, io, new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false), metrics), pair.Number, null, null);
        io.Schedule(
            _ =>
            {
                connection.Begin(out var _);
                holds.Set();
                goOn.Wait(Patience, Token);
            },
            null);
        Assert.True(holds.Wait(Patience, Token));

        pair.Peer.Close(0);
        var written = 0;
        while (!(await connection.Transport.Output.WriteAsync("x"u8.ToArray(), Token)).IsCompleted)
        {
            Assert.True(++written < 1_000_000, "Nothing tells that the peer has gone.");
        }

        goOn.Set();

        await Assert.ThrowsAsync<ConnectionResetException>(() => connection.Transport.Input.ReadAsync(Token).AsTask().WaitAsync(Patience, Token));
        await connection.DisposeAsync();
        await io.StopAsync();
    }

    private static SocketHost Host(SocketCalls calls, IoThread io, PipeOptions output, MetricCollector metrics) => new()
    {
        Calls = calls,
        Io = io,
        Pool = System.Buffers.MemoryPool<byte>.Shared,
        Input = PipeOptions.Default,
        Output = output,
        Metrics = new SocketMetrics(metrics),
        Clock = TimeProvider.System,
        HandOffTimeout = Patience,
        MostQueued = 2,
        Gate = new AcceptGate(io, calls, new DescriptorGuard(calls, 0, 16), new SocketMetrics(metrics), NullLogger.Instance, TimeProvider.System),
    };
}
