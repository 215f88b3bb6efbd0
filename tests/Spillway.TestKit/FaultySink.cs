using System.Collections.Concurrent;
using Spillway.Delivery;

namespace Spillway.TestKit;

/// <summary>Takes what it is given in random pieces, and stalls at random; deterministic in its choices for a seed and an order of calls.</summary>
internal sealed class FaultySink(DeliveryLoop loop, int seed, double faultRate) : IConnectionSink
{
    private readonly Random _random = new(seed);
    private readonly ConcurrentQueue<TestConnection> _stalled = new();
    private TestConnection?[] _connections = new TestConnection?[64];
    private double _faultRate = faultRate;

    /// <summary>From now on everything is taken at once.</summary>
    public void Heal() => Volatile.Write(ref _faultRate, 0);

    public void Attach(int number, int generation, TestConnection connection)
    {
        if (number >= _connections.Length)
        {
            Array.Resize(ref _connections, Math.Max(number + 1, _connections.Length * 2));
        }

        _connections[number] = connection;
        connection.Adopted(loop, number, generation);
    }

    public int Send(int connection, ReadOnlySpan<byte> bytes, out bool ready)
    {
        var target = _connections[connection]!;
        ready = _random.NextDouble() >= Volatile.Read(ref _faultRate) && !target.Stalled;
        var taken = ready ? bytes.Length : target.Stalled ? 0 : _random.Next(bytes.Length + 1);
        if (taken > target.Room)
        {
            (taken, ready) = (target.Room, false);
        }

        target.Room -= target.Room == int.MaxValue ? 0 : taken;
        target.OnSend?.Invoke();
        ready &= target.Room > 0; // All of it may be taken, and nothing more: a hosted connection's way to fall behind.
        target.Take(bytes[..taken]);
        if (!ready)
        {
            target.Refusals++;
            _stalled.Enqueue(target);
        }

        return taken;
    }

    public void Close(int connection, CloseReason reason, long offset)
    {
        _connections[connection]?.End(reason);
        _connections[connection] = null;
    }

    /// <summary>Lets those that stopped take bytes again, unless they are stalled on purpose.</summary>
    public void Resume()
    {
        for (var i = _stalled.Count; i > 0 && _stalled.TryDequeue(out var connection); i--)
        {
            if (connection.Stalled || connection.Room == 0)
            {
                _stalled.Enqueue(connection);
            }
            else
            {
                loop.Post(LoopCommand.Ready(connection.Number, connection.Generation));
            }
        }
    }
}
