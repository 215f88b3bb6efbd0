using System.Net.Sockets;

namespace Spillway.Transports.Parked.Managed;

/// <summary>
/// A .NET socket, and the set that watches it. It is itself the arguments of the one accept or receive that tells of what comes, so that of a quiet socket nothing further is kept.
/// </summary>
/// <remarks>
/// What has happened is kept here until a wait brings it: while it moves from one set to another nothing is lost, and once it is closed nothing is brought, though another socket may have its number.
/// </remarks>
internal abstract class WatchedSocket(Socket socket) : SocketAsyncEventArgs(unsafeSuppressExecutionContextFlow: true)
{
    private ManagedSet? _set;
    private ulong _data;
    private SocketEvents _events; // That no wait has brought.
    private bool _isQueued; // By the set that watches it now.

    public Socket Socket => socket;

    /// <summary>Guards what completions and owners both touch: itself, for a lock of its own would be one more object a connection.</summary>
    protected object Gate => this;

    /// <summary>Is watched by a set from now on, which is told what is ready already. 0, or the negated reason.</summary>
    public int Watch(ManagedSet set, ulong data)
    {
        lock (Gate)
        {
            if (_set is not null)
            {
                return ManagedCalls.Failed(SocketError.AlreadyInProgress);
            }

            (_set, _data, _isQueued) = (set, data, _events != SocketEvents.None);
            if (_isQueued)
            {
                set.Enqueue(this); // It came between two sets.
            }
        }

        Arm();
        return 0;
    }

    /// <summary>False if the set does not watch it.</summary>
    public bool Unwatch(ManagedSet set)
    {
        lock (Gate)
        {
            if (_set != set)
            {
                return false;
            }

            _set = null;
            return true;
        }
    }

    /// <summary>What has happened since the last time; false if that is nothing to this set any more.</summary>
    public bool TryTake(ManagedSet set, out ReadyEvent ready)
    {
        lock (Gate)
        {
            ready = new ReadyEvent(_events, _data);
            if (_set != set || !_isQueued)
            {
                return false; // Queued before it moved on.
            }

            (_isQueued, _events) = (false, SocketEvents.None);
            return true;
        }
    }

    /// <summary>Has what comes told, if it is not to be told yet. For the socket's owner.</summary>
    protected abstract void Arm();

    protected void Tell(SocketEvents events)
    {
        lock (Gate)
        {
            _events |= events;
            if (_set is not null && !_isQueued)
            {
                _isQueued = true;
                _set.Enqueue(this);
            }
        }
    }

    /// <summary>No set brings anything of it any more.</summary>
    protected void Leave()
    {
        lock (Gate)
        {
            _set = null;
        }

        Dispose(); // Of the arguments: later, where they are in use.
    }
}
