using System.Net.Sockets;

namespace Spillway.Transports.Parked.Managed;

/// <summary>A socket that listens. .NET tells of a connection by accepting it: one that comes while accepting has stopped waits here, all others in the kernel's backlog.</summary>
internal sealed class ManagedListener(Socket socket) : WatchedSocket(socket)
{
    private volatile bool _isAccepting;
    private Socket? _accepted; // Not yet taken.
    private SocketError _fault; // Not yet told.
    private bool _isForgotten;

    /// <summary>Takes the next connection. 0, or the negated reason.</summary>
    public int Accept(out Socket? accepted)
    {
        accepted = null;
        if (_isAccepting)
        {
            return -SocketCalls.Again;
        }

        if (_accepted is null && _fault == SocketError.Success)
        {
            _isAccepting = true;
            AcceptSocket = null;
            try
            {
                if (Socket.AcceptAsync(this))
                {
                    return -SocketCalls.Again;
                }

                OnAccepted(SocketError);
            }
            catch (Exception e) when (e is SocketException or OutOfMemoryException) // What .NET watches sockets with may be full, too.
            {
                OnAccepted(SocketError.NoBufferSpaceAvailable);
            }
        }

        var fault = _fault;
        (accepted, _accepted, _fault) = (_accepted, null, SocketError.Success);
        Tell(SocketEvents.In); // Not by edges: who stops before nothing is left is told again.
        return fault == SocketError.Success ? 0 : ManagedCalls.Failed(fault);
    }

    /// <summary>Its owner closes it.</summary>
    public void Forget()
    {
        Leave();
        Socket? unwanted;
        lock (Gate)
        {
            _isForgotten = true;
            (unwanted, _accepted) = (_accepted, null);
        }

        unwanted?.Close(0);
    }

    protected override void OnCompleted(SocketAsyncEventArgs e)
    {
        OnAccepted(SocketError);
        Tell(SocketEvents.In);
    }

    protected override void Arm()
    {
        if (!_isAccepting)
        {
            Tell(SocketEvents.In); // It may be: who is told finds out.
        }
    }

    private void OnAccepted(SocketError error)
    {
        Socket? unwanted = null;
        lock (Gate)
        {
            if (_isForgotten)
            {
                unwanted = AcceptSocket;
            }
            else
            {
                (_accepted, _fault) = (error == SocketError.Success ? AcceptSocket : null, error);
            }
        }

        _isAccepting = false;
        unwanted?.Close(0);
    }
}
