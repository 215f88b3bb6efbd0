using System.Buffers;
using Spillway.Delivery;

namespace Spillway.Transports.Parked;

/// <summary>Leaving Kestrel. The request's thread turns Kestrel's ends of the pipes away; the I/O thread stops receiving, waits until all is sent, and hands the socket off.</summary>
internal sealed partial class SocketConnection
{
    private ISocketAdopter? _adopter;
    private ITimer? _patience;
    private bool _isLate;

    public bool CanDetach => ReferenceEquals(Transport, this) && Volatile.Read(ref _life) == Hosted;

    public bool TryDetach(ISocketAdopter adopter)
    {
        if (!CanDetach || _reader.IsReading || _cut || _sendingEnded || _closed.IsCancellationRequested)
        {
            return false; // TLS or another filter stands between, somebody reads, or it has gone.
        }

        // Before the state says that there is one; and never in the place of another's.
        if (Interlocked.CompareExchange(ref _adopter, adopter, null) is not null || Interlocked.CompareExchange(ref _life, Detached, Hosted) != Hosted)
        {
            return false;
        }

        _reader.Detach();
        _writer.Detach(); // What was written and not flushed goes, too; then sending ends.
        Pump();
        _host.Io.Schedule(static state => ((SocketConnection)state!).Leave(), this);
        return true;
    }

    /// <summary>On the I/O thread: nothing is received any more. What the kernel has not taken may wait for the client, for a while.</summary>
    private void Leave()
    {
        _receivingEnded = true;
        if (!_released && !_sendingEnded)
        {
            _patience = _host.Clock.CreateTimer(static state => ((SocketConnection)state!).RunOutOfPatience(), this, _host.HandOffTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    private void RunOutOfPatience() => _host.Io.Schedule(
        static state =>
        {
            var connection = (SocketConnection)state!;
            if (!connection._released && !connection._sendingEnded)
            {
                connection._isLate = true;
                connection.EndNow(new TimeoutException("The client did not take what precedes its first event within Transports:HandOffTimeout."));
            }
        },
        this);

    /// <summary>On the I/O thread, once sending has ended.</summary>
    private void HandOff()
    {
        if (_released)
        {
            return;
        }

        Release();
        _patience?.Dispose();
        _receivingEnded = true;
        _input.Writer.Complete();
        var gone = _reason is not null || _closedTold;
        var early = gone ? [] : TakeEarly();
        _input.Reader.Complete(); // Its memory goes back, and a flush that waited ends.
        if (gone)
        {
            _host.Io.Forget(_place);
            _host.Calls.Reset(_descriptor);
            var reason = _isLate ? CloseReason.WriteTimeout : !_isStopped ? CloseReason.ClientClosed : _host.Io.IsStopping ? CloseReason.Shutdown : CloseReason.Failed;
            _host.Metrics.HandedOff(reason);
            _adopter!.Gone(reason);
        }
        else
        {
            _host.Io.Unwatch(_place, _descriptor);
            _host.Metrics.HandedOff(null);
            _adopter!.Adopt(_descriptor, early);
        }
    }

    /// <summary>What Kestrel has received and nobody has read; at most <see cref="TransportOptions.UnreadBytes"/> and one receive.</summary>
    private byte[] TakeEarly()
    {
        if (!_input.Reader.TryRead(out var unread))
        {
            return [];
        }

        var early = unread.Buffer.ToArray();
        _input.Reader.AdvanceTo(unread.Buffer.End);
        return early;
    }
}
