using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging;

namespace Spillway.Transports.Parked;

/// <summary>
/// The thread that accepts, receives, and closes. Only it registers descriptors with its epoll set, receives from them and closes them; sends are made by whoever holds a connection's pump. What others
/// want of it they queue.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The thread disposes of what it uses when it ends.")]
internal sealed partial class IoThread : PipeScheduler
{
    /// <summary>What one receive takes at most; from here it is copied into the connection's pipe, so that no connection holds a buffer to wait with.</summary>
    public const int ReceiveBytes = 64 * 1024;

    private const int EventsAtOnce = 256;
    private const int LastTurns = 500, LastTurnMilliseconds = 10; // For sends under way on other threads, which do not block.

    private readonly SocketSet _set;
    private readonly ConcurrentQueue<(Action<object?> Action, object? State)> _queue = new(); // Bounded by the connections: each has a few items at most.
    private readonly ReadyTable _table = new();
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private volatile bool _stopping;

    public IoThread(SocketCalls calls, ILogger logger)
    {
        (_set, _logger) = (calls.CreateSet(EventsAtOnce), logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "spillway-io" };
        _thread.Start();
    }

    /// <summary>Where every receive goes first. For the thread itself.</summary>
    public byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(ReceiveBytes, pinned: true);

    public Task Ended => _ended.Task;

    public bool IsStopping => _stopping;

    /// <summary>Whether the caller is the thread.</summary>
    public bool IsCurrent => Environment.CurrentManagedThreadId == _thread.ManagedThreadId;

    public override void Schedule(Action<object?> action, object? state)
    {
        _queue.Enqueue((action, state));
        if (!IsCurrent)
        {
            _set.Wake();
        }
    }

    /// <summary>Watches a descriptor from now on. Returns where it is in the table or, below zero, the negated reason. For the thread itself, like all below.</summary>
    public long Watch(IReady target, int descriptor, SocketEvents events)
    {
        var place = _table.Add(target);
        var result = _set.Add(descriptor, (ulong)place, events);
        if (result < 0)
        {
            _table.Remove(place);
            return result;
        }

        return place;
    }

    /// <summary>Ends watching a descriptor that stays open.</summary>
    public void Unwatch(long place, int descriptor)
    {
        _ = _set.Remove(descriptor); // Fails only where it is not there.
        _table.Remove(place);
    }

    /// <summary>The descriptor is being closed: closing ends watching it, and what the last wait has brought for it is dropped.</summary>
    public void Forget(long place) => _table.Remove(place);

    /// <summary>Whether a process at its limit of descriptors has room again.</summary>
    public bool HasRoom(DescriptorGuard guard) => guard.HasRoom(_set);

    /// <summary>Closes what is still open and ends. What is queued later does not run.</summary>
    public Task StopAsync()
    {
        _stopping = true;
        _set.Wake();
        return _ended.Task;
    }

    private void Run()
    {
        var ready = new ReadyEvent[EventsAtOnce];
        while (!_stopping)
        {
            Turn(ready, -1);
        }

        foreach (var target in _table.All())
        {
            target.OnStop();
        }

        for (var i = 0; i < LastTurns && !_table.IsEmpty; i++)
        {
            Turn(ready, LastTurnMilliseconds);
        }

        RunQueue();
        _set.Dispose();
        _ended.SetResult();
    }

    private void Turn(ReadyEvent[] ready, int milliseconds)
    {
        var count = _set.Wait(ready, _queue.IsEmpty ? milliseconds : 0);
        for (var i = 0; i < count; i++)
        {
            if (_table.Find((long)ready[i].Data) is { } target) // Not if an event before it closed it.
            {
                try
                {
                    target.OnReady(ready[i].Events);
                }
#pragma warning disable CA1031 // A fault with one socket must not end all.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    Log.SocketFailed(_logger, e);
                    target.OnStop();
                }
            }
        }

        RunQueue();
    }

    /// <summary>What is there, but not what that queues: events are looked at in between.</summary>
    private void RunQueue()
    {
        for (var left = _queue.Count; left > 0 && _queue.TryDequeue(out var item); left--)
        {
            try
            {
                item.Action(item.State);
            }
#pragma warning disable CA1031 // A fault with one socket must not end all.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.SocketFailed(_logger, e);
                (item.State as IReady)?.OnStop();
            }
        }
    }
}
