using System.Net.Sockets;
using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

/// <summary>
/// What both kinds of sockets promise: whoever has read or written until nothing went any more hears when it goes again, though the socket moves from one set to another meanwhile. Random; a failure names
/// the seed, and a lost edge is one that nobody hears of in time.
/// </summary>
public sealed class EdgeTests
{
    private const int Sets = 3;
    private const int Patience = 30_000; // Milliseconds of real time: only a test that fails waits so long.

    private static readonly int Seeds = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 5_000 : 150;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [SocketKinds]
    public async Task Receive_WhileTheSocketMoves_NoEdgeIsLost(SocketKind sockets)
    {
        var calls = sockets.Create();
        for (var seed = 0; seed < Seeds; seed++)
        {
            using var pair = new CallsPair(calls);
            var (random, sent) = (new Random(seed), RandomBytes(seed));
            var sending = Task.Run(() => SendAsync(pair.Peer, sent, new Random(seed)), Token);

            var received = Read(calls, pair.Number, random, sent.Length, seed);

            await sending;
            Assert.True(sent.AsSpan().SequenceEqual(received), $"Seed {seed}: other bytes than were sent.");
            calls.Close(pair.Number);
        }

        Assert.Equal(0, calls.OpenSockets());
    }

    [Theory]
    [SocketKinds]
    public async Task Send_CutWhileTheSocketMoves_EveryByteArrivesOnceAndInOrder(SocketKind sockets)
    {
        var calls = sockets.Create();
        for (var seed = 0; seed < Seeds; seed++)
        {
            using var pair = new CallsPair(calls, sendBuffer: 4 * 1024, receiveBuffer: 4 * 1024);
            var (random, sent) = (new Random(seed), RandomBytes(seed));
            var receiving = Task.Run(() => ReceiveAsync(pair.Peer, new Random(seed)), Token);

            Write(calls, pair.Number, random, sent, seed);
            calls.Shutdown(pair.Number, both: false);

            var received = await receiving.WaitAsync(TimeSpan.FromMilliseconds(Patience), Token);
            Assert.True(sent.AsSpan().SequenceEqual(received), $"Seed {seed}: other bytes than were sent.");
            calls.Close(pair.Number);
        }

        Assert.Equal(0, calls.OpenSockets());
    }

    /// <summary>Reads, moving on at any time: before it has heard of what came, and before it has read it.</summary>
    private static byte[] Read(SocketCalls calls, int socket, Random random, int count, int seed)
    {
        using var sets = new SetRing(calls, socket, seed);
        var (received, buffer) = (new List<byte>(count), new byte[8 * 1024]);
        while (true)
        {
            sets.MoveAtTimes(random);
            sets.WaitFor(SocketEvents.In | SocketEvents.Ending);
            var result = 1;
            while (result > 0)
            {
                sets.MoveAtTimes(random);
                result = calls.Receive(socket, buffer.AsSpan(0, 1 + random.Next(buffer.Length)));
                received.AddRange(buffer.AsSpan(0, Math.Max(0, result)));
            }

            if (result == 0)
            {
                return [.. received];
            }

            Assert.True(result == -SocketCalls.Again, $"Seed {seed}: {result}.");
        }
    }

    private static void Write(SocketCalls calls, int socket, Random random, byte[] bytes, int seed)
    {
        using var sets = new SetRing(calls, socket, seed);
        for (var at = 0; at < bytes.Length;)
        {
            sets.MoveAtTimes(random);
            var length = Math.Min(bytes.Length - at, 1 + random.Next(random.Next(3) == 0 ? 50_000 : 500));
            var result = calls.Send(socket, bytes.AsSpan(at, length));
            Assert.True(result >= 0 || result == -SocketCalls.Again, $"Seed {seed}: {result}.");
            at += Math.Max(0, result);
            if (result < length)
            {
                sets.MoveAtTimes(random);
                sets.WaitFor(SocketEvents.Out);
            }
        }
    }

    private static async Task SendAsync(Socket peer, byte[] bytes, Random random)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(bytes.Length - at, 1 + random.Next(random.Next(3) == 0 ? 20_000 : 100));
            at += await peer.SendAsync(bytes.AsMemory(at, length), Token);
            if (random.Next(2) == 0)
            {
                await Task.Yield();
            }
        }

        peer.Shutdown(SocketShutdown.Send);
    }

    private static async Task<byte[]> ReceiveAsync(Socket peer, Random random)
    {
        var (received, buffer) = (new List<byte>(), new byte[8 * 1024]);
        while (await peer.ReceiveAsync(buffer.AsMemory(0, 1 + random.Next(buffer.Length)), Token) is > 0 and var read)
        {
            received.AddRange(buffer.AsSpan(0, read));
        }

        return [.. received];
    }

    private static byte[] RandomBytes(int seed)
    {
        var bytes = new byte[1 + new Random(seed).Next(200_000)];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Some sets, one of which watches a socket; each time with another number.</summary>
    private sealed class SetRing : IDisposable
    {
        private readonly SocketSet[] _sets;
        private readonly ReadyEvent[] _ready = new ReadyEvent[4];
        private readonly int _socket;
        private readonly int _seed;
        private ulong _moves;

        public SetRing(SocketCalls calls, int socket, int seed)
        {
            (_sets, _socket, _seed) = ([.. Enumerable.Range(0, Sets).Select(_ => calls.CreateSet(4))], socket, seed);
            Assert.Equal(0, Current.Add(socket, _moves, SocketEvents.Socket));
        }

        private SocketSet Current => _sets[_moves % Sets];

        public void MoveAtTimes(Random random)
        {
            if (random.Next(3) == 0)
            {
                Assert.Equal(0, Current.Remove(_socket));
                _moves++;
                Assert.Equal(0, Current.Add(_socket, _moves, SocketEvents.Socket));
            }
        }

        public void WaitFor(SocketEvents events)
        {
            var began = TimeProvider.System.GetTimestamp();
            var told = SocketEvents.None;
            while ((told & events) == 0)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds < Patience, $"Seed {_seed}: nothing was told after {_moves} moves.");
                if (Current.Wait(_ready, Patience) > 0) // Else it was woken for what had been brought before.
                {
                    Assert.Equal(_moves, _ready[0].Data);
                    told = _ready[0].Events;
                }
            }
        }

        public void Dispose()
        {
            Current.Remove(_socket);
            foreach (var set in _sets)
            {
                set.Dispose();
            }
        }
    }
}
