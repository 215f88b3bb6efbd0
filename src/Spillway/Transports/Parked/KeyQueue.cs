namespace Spillway.Transports.Parked;

/// <summary>Keys of connections that wait for their turn, each of them once: as many as there are connections, at most.</summary>
internal sealed class KeyQueue
{
    private readonly Queue<ulong> _order = new();
    private readonly HashSet<ulong> _keys = [];

    public int Count => _order.Count;

    public void Add(ulong key)
    {
        if (_keys.Add(key))
        {
            _order.Enqueue(key);
        }
    }

    /// <summary>The one that waits longest.</summary>
    public ulong Take()
    {
        var key = _order.Dequeue();
        _keys.Remove(key);
        return key;
    }
}
