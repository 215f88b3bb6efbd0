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
                    EndReceiving(received == 0 ? null : ResetBy(-received));
                    TellClosed();
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

    /// <summary>Kestrel sees the end of what the client sends, after everything that came before.</summary>
    private void EndReceiving(Exception? reason)
    {
        if (!_receivingEnded || reason is not null)
        {
            _receivingEnded = true;
            _input.Writer.Complete(reason); // A second time is harmless.
        }
    }

    private ConnectionResetException ResetBy(int error)
    {
        var reason = _host.Calls.Describe(error);
        return new($"The peer has gone: {reason}.", new IOException(reason, error));
    }
}
