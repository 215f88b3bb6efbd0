namespace Spillway.Transports.Parked;

/// <summary>
/// Sending. Whoever flushes sends what the kernel takes, on its own thread; the rest goes when the socket is writable again. <see cref="Pump"/> says who: one thread at a time, and never waiting for another.
/// </summary>
internal sealed partial class SocketConnection
{
    private const int MostSends = 4; // In a row on the I/O thread, 64 KiB each; then others have their turn.

    private int _asks; // Of the pump, not yet answered.
    private volatile bool _writable; // An edge has come since the kernel last took no more.
    private volatile bool _cut; // Nothing further is sent.

    // Of the pump's holder alone.
    private bool _isFull;
    private volatile bool _sendingEnded;

    /// <summary>Whether everything that is flushed goes nowhere any more.</summary>
    public bool HasEndedSending => _sendingEnded;

    /// <summary>
    /// There may be something to send, or to end. Whoever raises the count from nought is the holder until it is back at nought: an ask that comes meanwhile is one more round of the holder's, so none is lost
    /// and nobody waits.
    /// </summary>
    public void Pump()
    {
        if (Interlocked.Increment(ref _asks) == 1)
        {
            Hold();
        }
    }

    private void Hold()
    {
        var left = _host.Io.IsCurrent ? MostSends : int.MaxValue; // Others send what they wrote themselves.
        int seen;
        do
        {
            seen = Volatile.Read(ref _asks);
            if (!_sendingEnded && !SendPending(ref left))
            {
                _host.Io.Schedule(static state => ((SocketConnection)state!).Hold(), this); // Still the holder, with all that was asked.
                return;
            }
        }
        while (Interlocked.Add(ref _asks, -seen) != 0);
    }

    /// <summary>Sends what there is, and the kernel takes. False: there is more, and the turn is over.</summary>
    private bool SendPending(ref int left)
    {
        if (_cut)
        {
            EndSending();
            return true;
        }

        if (_writable)
        {
            _writable = false; // Before the send: an edge after it is a further ask.
            _isFull = false;
        }

        while (!_isFull && _output.Reader.TryRead(out var pending))
        {
            if (--left < 0)
            {
                _output.Reader.AdvanceTo(pending.Buffer.Start);
                return false;
            }

            var bytes = pending.Buffer;
            if (bytes.IsEmpty && !pending.IsCompleted)
            {
                _output.Reader.AdvanceTo(bytes.End);
                return true;
            }

            var sent = bytes.IsEmpty ? _host.Calls.Flush(_descriptor) : _host.Calls.Send(_descriptor, bytes);
            _output.Reader.AdvanceTo(bytes.GetPosition(Math.Max(0, sent))); // Not "examined" beyond: the rest counts as unread, which is what holds the writer back.
            if (sent == -SocketCalls.Again)
            {
                _isFull = true;
            }
            else if (sent < 0)
            {
                Interlocked.CompareExchange(ref _reason, ResetBy(-sent), null);
                EndSending();
                return true;
            }
            else if (bytes.IsEmpty)
            {
                EndSending();
                return true;
            }
        }

        return true;
    }

    private void EndSending()
    {
        _sendingEnded = true;
        _output.Reader.Complete(); // A writer that waits goes on, and is told that nobody reads.
        _host.Io.Schedule(static state => ((SocketConnection)state!).OnSendingEnded(), this);
    }
}
