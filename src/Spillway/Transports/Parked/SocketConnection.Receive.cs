using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace Spillway.Transports.Parked;

/// <summary>Receiving: on the I/O thread alone.</summary>
internal sealed partial class SocketConnection
{
    private const int MostAtOnce = 4; // Receives in a row, 256 KiB; then others have their turn.

    private Action? _takenMore; // Most connections are never behind.
    private ConfiguredValueTaskAwaitable<FlushResult>.ConfiguredValueTaskAwaiter _taking;
    private bool _ending; // The end may have come with the last bytes, in the same edge.
    private bool _receivingEnded;
    private bool _readerIsBehind;

    private void Receive()
    {
        for (var i = 0; i < MostAtOnce; i++)
        {
            if (_receivingEnded || _readerIsBehind)
            {
                return; // What is there is read when the reader has caught up.
            }

            var received = _host.Calls.Receive(_descriptor, _host.Io.Buffer);
            if (received <= 0)
            {
                if (received != -SocketCalls.Again)
                {
                    EndReceiving(FindFault(received));
                }

                return;
            }

            _input.Writer.Write(_host.Io.Buffer.AsSpan(0, received));
            HandOver();
            if (received < IoThread.ReceiveBytes && !_ending)
            {
                return; // There was no more: what comes now is another edge.
            }
        }

        _host.Io.Schedule(static state => ((SocketConnection)state!).Receive(), this);
    }

    /// <summary>Lets Kestrel read what was received; while it is a lot behind, nothing further is.</summary>
    private void HandOver()
    {
#pragma warning disable CA2012 // Its result is taken once: here, or when it is there.
        var taking = _input.Writer.FlushAsync(CancellationToken.None).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        if (taking.IsCompleted)
        {
            _receivingEnded |= TakenBy(taking);
            return;
        }

        _readerIsBehind = true;
        _taking = taking;
        taking.UnsafeOnCompleted(_takenMore ??= OnTaken);
    }

    private void OnTaken() // The pipe schedules it on the I/O thread.
    {
        _readerIsBehind = false;
        _receivingEnded |= TakenBy(_taking);
        Receive();
    }

    /// <summary>Whether Kestrel reads no more.</summary>
    private static bool TakenBy(ConfiguredValueTaskAwaitable<FlushResult>.ConfiguredValueTaskAwaiter taking)
    {
#pragma warning disable VSTHRD002 // It has completed.
        var result = taking.GetResult();
#pragma warning restore VSTHRD002
        return result.IsCompleted || result.IsCanceled;
    }

    /// <summary>Why nothing comes any more; null: the peer has ended properly. A reset is told once: where a send was told, an end looks proper, but sending nothing fails as well.</summary>
    private ConnectionResetException? FindFault(int received)
    {
        var result = received < 0 ? received : _host.Calls.Send(_descriptor, ReadOnlySpan<byte>.Empty);
        return result is >= 0 or -SocketCalls.Again ? null : ResetBy(-result);
    }

    /// <summary>
    /// Kestrel sees the end of what the client sends, after everything that came before, and is told that the connection is closed. Its continuations never run on the I/O thread, and a fault it sees only
    /// once it was told: before, it takes a fault for one of the application's, and logs it as an error.
    /// </summary>
    private void EndReceiving(Exception? fault)
    {
        _receivingEnded = true;
        if (_closedTold)
        {
            return;
        }

        _closedTold = true;
        if (fault is null)
        {
            _input.Writer.Complete();
        }

        ThreadPool.UnsafeQueueUserWorkItem(static end => end.Connection.TellClosed(end.Fault), (Connection: this, Fault: fault), preferLocal: false);
    }

    /// <summary>Once it is detached, that is not Kestrel's to know.</summary>
    private void TellClosed(Exception? fault)
    {
        if (Volatile.Read(ref _life) != Detached)
        {
            _closed.Cancel();
            _input.Writer.Complete(fault); // A second time is harmless.
        }
    }

    private ConnectionResetException ResetBy(int error)
    {
        var reason = _host.Calls.Describe(error);
        return new($"The peer has gone: {reason}.", new IOException(reason, error));
    }
}
