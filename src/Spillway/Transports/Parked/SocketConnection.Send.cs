namespace Spillway.Transports.Parked;

/// <summary>
/// Sending. Whoever flushes sends what the kernel takes, on its own thread; the rest goes when the socket is writable again. <see cref="Pump"/> says who: one thread at a time, and never waiting for another.
/// </summary>
internal sealed partial class SocketConnection
{
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
        if (Interlocked.Increment(ref _asks) != 1)
        {
            return;
        }

        int seen;
        do
        {
            seen = Volatile.Read(ref _asks);
            if (!_sendingEnded)
            {
                SendPending();
            }
        }
        while (Interlocked.Add(ref _asks, -seen) != 0);
    }

    private void SendPending()
    {
        if (_cut)
        {
            EndSending();
            return;
        }

        if (_writable)
        {
            _writable = false; // Before the send: an edge after it is a further ask.
            _isFull = false;
        }

        while (!_isFull && _output.Reader.TryRead(out var pending))
        {
            var bytes = pending.Buffer;
            if (bytes.IsEmpty && !pending.IsCompleted)
            {
                _output.Reader.AdvanceTo(bytes.End);
                return;
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
                return;
            }
            else if (bytes.IsEmpty)
            {
                EndSending();
                return;
            }
        }
    }

    private void EndSending()
    {
        _sendingEnded = true;
        _output.Reader.Complete(); // A writer that waits goes on, and is told that nobody reads.
        _host.Io.Schedule(static state => ((SocketConnection)state!).OnSendingEnded(), this);
    }
}
