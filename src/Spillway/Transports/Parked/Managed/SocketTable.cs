namespace Spillway.Transports.Parked.Managed;

/// <summary>Numbers for sockets, used again at once like descriptors. Whoever has a number finds its socket without a lock.</summary>
internal sealed class SocketTable
{
    private readonly Lock _gate = new();
    private readonly Stack<int> _free = new();
    private WatchedSocket?[] _sockets = new WatchedSocket?[256];
    private int _used;

    /// <summary>Sockets that have a number.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _used - _free.Count;
            }
        }
    }

    public int Add(WatchedSocket socket)
    {
        lock (_gate)
        {
            if (!_free.TryPop(out var number))
            {
                if (_used == _sockets.Length)
                {
                    var larger = new WatchedSocket?[_used * 2];
                    _sockets.CopyTo(larger, 0);
                    Volatile.Write(ref _sockets, larger); // Who still looks at the old one looks for a number that is there, too.
                }

                number = _used++;
            }

            _sockets[number] = socket;
            return number;
        }
    }

    public WatchedSocket? Find(int number)
    {
        var sockets = Volatile.Read(ref _sockets);
        return (uint)number < (uint)sockets.Length ? sockets[number] : null;
    }

    /// <summary>Takes the number away. Null if nobody has it.</summary>
    public WatchedSocket? Remove(int number)
    {
        lock (_gate)
        {
            var socket = Find(number);
            if (socket is not null)
            {
                _sockets[number] = null;
                _free.Push(number);
            }

            return socket;
        }
    }
}
