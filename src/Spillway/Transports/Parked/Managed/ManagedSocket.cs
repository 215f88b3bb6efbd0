using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace Spillway.Transports.Parked.Managed;

/// <summary>
/// A connected socket. That there is something to read is told by a receive of no bytes; that there is room to write, by a send of some that did not fit. Closed by its owner, who alone receives; one thread
/// at a time sends.
/// </summary>
[SuppressMessage("Usage", "CA2213", Justification = "A send that is under way lets go of itself when it ends.")]
internal sealed class ManagedSocket(Socket socket) : WatchedSocket(socket)
{
    /// <summary>The most of what does not fit that is taken all the same: its way to the kernel tells when there is room. What is beyond stays with its owner.</summary>
    public const int MostKept = 1_024;

    private volatile bool _isWaiting; // The receive of no bytes is under way.
    private volatile SocketError _receiveFault; // What it ended with: the kernel tells a reset once, and has told it.
    private volatile PendingSend? _rest;
    private volatile SocketError _sendFault;
    private bool _endsBehindRest;
    private bool _isShut;

    public int Receive(Span<byte> into)
    {
        if (_isWaiting && _sendFault == SocketError.Success)
        {
            return -SocketCalls.Again; // Nothing was there when it began, and what comes is told.
        }

        if (_receiveFault != SocketError.Success)
        {
            return ManagedCalls.Failed(_receiveFault);
        }

        var received = Socket.Receive(into, SocketFlags.None, out var error);
        if (error == SocketError.Success)
        {
            if (received == 0 && into.Length > 0)
            {
                return End();
            }

            if (received > 0 && received < into.Length)
            {
                Arm(); // Who got less may not ask again before it is told.
            }

            return received;
        }

        if (error == SocketError.WouldBlock)
        {
            Arm();
        }

        return ManagedCalls.Failed(error);
    }

    public int Send(ReadOnlySpan<byte> bytes)
    {
        if (_rest is not null)
        {
            return -SocketCalls.Again; // Not past it.
        }

        if (_sendFault != SocketError.Success)
        {
            return ManagedCalls.Failed(_sendFault);
        }

        var sent = Socket.Send(bytes, SocketFlags.None, out var error);
        if (error is not (SocketError.Success or SocketError.WouldBlock))
        {
            return ManagedCalls.Failed(error);
        }

        return sent == bytes.Length ? sent : sent + Keep(bytes[sent..]);
    }

    public int Flush() => _rest is not null ? -SocketCalls.Again : _sendFault == SocketError.Success ? 0 : ManagedCalls.Failed(_sendFault);

    public void Shutdown(bool both)
    {
        lock (Gate)
        {
            if (_rest is not null)
            {
                _endsBehindRest = true;
                return;
            }
        }

        TryShutdown(both ? SocketShutdown.Both : SocketShutdown.Send);
    }

    public void Close()
    {
        Leave();
        if (_rest is not null)
        {
            Socket.Close(0); // A proper end would hide that bytes are missing.
            return;
        }

        if (_isWaiting && !_isShut)
        {
            TryShutdown(SocketShutdown.Send); // .NET resets a socket that something is under way on, unless it was shut.
        }

        Socket.Dispose();
    }

    public void Reset()
    {
        Leave();
        Socket.Close(0);
    }

    /// <summary>The send of what did not fit has ended.</summary>
    public void OnSent(PendingSend rest)
    {
        var error = rest.SocketError == SocketError.Success && rest.BytesTransferred < rest.Count ? SocketError.ConnectionAborted : rest.SocketError;
        rest.Dispose();
        OnSent(error);
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => OnReceivable(SocketError);

    protected override void Arm()
    {
        if (_isWaiting || _receiveFault != SocketError.Success)
        {
            return;
        }

        _isWaiting = true;
        try
        {
            if (!Socket.ReceiveAsync(this))
            {
                OnReceivable(SocketError);
            }
        }
        catch (Exception e) when (e is SocketException or OutOfMemoryException) // What .NET watches sockets with may be full, too.
        {
            OnReceivable(SocketError.NoBufferSpaceAvailable);
        }
    }

    private void OnReceivable(SocketError error)
    {
        _receiveFault = error;
        _isWaiting = false;
        Tell(error == SocketError.Success ? SocketEvents.In : SocketEvents.In | SocketEvents.Error | SocketEvents.HangUp);
    }

    /// <summary>Nothing comes any more. A proper end, unless the kernel has told the send of the rest why not: it tells once, and the send tells here when it is through.</summary>
    private int End()
    {
        var rest = _rest; // First: who takes it away has told the fault before.
        if (_sendFault != SocketError.Success)
        {
            return ManagedCalls.Failed(_sendFault);
        }

        if (rest is null)
        {
            return 0;
        }

        Socket.Send(ReadOnlySpan<byte>.Empty, SocketFlags.None, out var error); // Takes nothing, and fails if both directions have ended.
        return error is SocketError.Success or SocketError.WouldBlock ? 0 : -SocketCalls.Again;
    }

    private int Keep(ReadOnlySpan<byte> bytes)
    {
        var kept = bytes[..Math.Min(bytes.Length, MostKept)].ToArray();
        var rest = new PendingSend(this, kept);
        _rest = rest;
        try
        {
            if (!Socket.SendAsync(rest))
            {
                OnSent(rest);
            }
        }
        catch (Exception e) when (e is SocketException or OutOfMemoryException)
        {
            OnSent(SocketError.NoBufferSpaceAvailable);
        }

        return kept.Length;
    }

    private void OnSent(SocketError error)
    {
        bool ends;
        _sendFault = error;
        lock (Gate)
        {
            _rest = null;
            ends = _endsBehindRest;
        }

        if (ends)
        {
            TryShutdown(SocketShutdown.Send);
        }

        Tell(error == SocketError.Success ? SocketEvents.Out : SocketEvents.Out | SocketEvents.Error | SocketEvents.HangUp);
    }

    private void TryShutdown(SocketShutdown how)
    {
        _isShut = true;
        try
        {
            Socket.Shutdown(how);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer has gone, or its owner has closed it: there is nobody to tell.
        }
    }
}
