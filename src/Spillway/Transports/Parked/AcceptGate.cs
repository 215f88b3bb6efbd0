using Microsoft.Extensions.Logging;

namespace Spillway.Transports.Parked;

/// <summary>
/// Stops accepting, at all addresses, while descriptors run out, and resumes. For the I/O thread alone. Who is not accepted waits in the kernel's backlog.
/// </summary>
internal sealed partial class AcceptGate(IoThread io, SocketCalls calls, DescriptorGuard guard, SocketMetrics metrics, ILogger logger, TimeProvider clock)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100); // Well within a client's patience; a look is a few calls.

    private const int Open = 0, Shut = 1, Trying = 2;

    private readonly List<SocketListener> _listeners = [];
    private ITimer? _timer; // While it is not plainly open.
    private int _state;
    private bool _hasFailed; // A call, not the guard: only another call can tell whether that is over.

    /// <summary>Whether listeners accept. For any thread.</summary>
    public bool IsOpen => Volatile.Read(ref _state) != Shut;

    /// <summary>Whether it is not known that anything hinders it. For any thread.</summary>
    public bool IsAccepting => Volatile.Read(ref _state) == Open;

    public void Add(SocketListener listener) => _listeners.Add(listener);

    public void Remove(SocketListener listener)
    {
        _listeners.Remove(listener);
        if (_listeners.Count == 0 && !IsAccepting)
        {
            End();
        }
    }

    /// <summary>A descriptor was made; where it is one of the reserve's, nothing further is accepted.</summary>
    public void Check(int newest)
    {
        if (IsOpen && guard.IsFull(newest))
        {
            Pause("descriptors", 0);
        }
    }

    /// <summary>A call failed for want of descriptors or memory. Told once until it is over, however often it is tried.</summary>
    public void Failed(int error)
    {
        if (IsOpen)
        {
            Pause("error", error);
        }
    }

    private void Pause(string reason, int error)
    {
        _hasFailed = error != 0;
        if (Interlocked.Exchange(ref _state, Shut) == Open)
        {
            Begin(reason, error);
        }

        foreach (var listener in _listeners)
        {
            listener.Pause();
        }
    }

    private void Begin(string reason, int error)
    {
        _timer = clock.CreateTimer(static state => ((AcceptGate)state!).LookLater(), this, LookAgain, LookAgain);
        if (error == 0)
        {
            Log.DescriptorsRunOut(logger, guard.StopAt);
        }
        else
        {
            Log.AcceptFailed(logger, calls.Describe(error));
        }

        metrics.Paused(reason);
    }

    private void LookLater() => io.Schedule(static state => ((AcceptGate)state!).Look(), this);

    private void Look()
    {
        var wasTrying = _state == Trying;
        if (_state == Open || (!wasTrying && !io.HasRoom(guard)))
        {
            return;
        }

        if (wasTrying || !_hasFailed)
        {
            End(); // No call has failed since the last look.
            Log.Resumed(logger);
        }
        else
        {
            Volatile.Write(ref _state, Trying);
        }

        if (!wasTrying)
        {
            foreach (var listener in _listeners.ToArray()) // One that cannot be watched shuts the gate again.
            {
                listener.Resume();
            }
        }
    }

    private void End()
    {
        _timer!.Dispose();
        _timer = null;
        Volatile.Write(ref _state, Open);
        metrics.Resumed();
    }
}
