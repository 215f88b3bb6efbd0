using Microsoft.Extensions.Logging;

namespace Spillway.Transports.Parked;

/// <summary>
/// Stops accepting, at all addresses, while descriptors run out, and resumes. For the I/O thread alone. Who is not accepted waits in the kernel's backlog.
/// </summary>
internal sealed partial class AcceptGate(IoThread io, SocketCalls calls, DescriptorGuard guard, SocketMetrics metrics, ILogger logger, TimeProvider clock)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100); // Well within a client's patience; a look is a few calls.

    private readonly List<SocketListener> _listeners = [];
    private ITimer? _timer;

    /// <summary>For any thread.</summary>
    public bool IsOpen => Volatile.Read(ref _timer) is null;

    public void Add(SocketListener listener) => _listeners.Add(listener);

    public void Remove(SocketListener listener)
    {
        _listeners.Remove(listener);
        if (_listeners.Count == 0 && !IsOpen)
        {
            Open();
        }
    }

    /// <summary>A descriptor was made; where it is one of the reserve's, nothing further is accepted.</summary>
    public void Check(int newest)
    {
        if (IsOpen && guard.IsFull(newest))
        {
            Shut("descriptors", 0);
        }
    }

    /// <summary>A call failed for want of descriptors or memory.</summary>
    public void Failed(int error)
    {
        if (IsOpen)
        {
            Shut("error", error);
        }
    }

    private void Shut(string reason, int error)
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
        foreach (var listener in _listeners)
        {
            listener.Pause();
        }
    }

    private void LookLater() => io.Schedule(static state => ((AcceptGate)state!).Look(), this);

    private void Look()
    {
        if (IsOpen || !io.HasRoom(guard))
        {
            return;
        }

        Open();
        Log.Resumed(logger);
        foreach (var listener in _listeners.ToArray()) // One that cannot be watched shuts the gate again.
        {
            listener.Resume();
        }
    }

    private void Open()
    {
        _timer!.Dispose();
        _timer = null;
        metrics.Resumed();
    }
}
