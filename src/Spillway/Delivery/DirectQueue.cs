namespace Spillway.Delivery;

/// <summary>Connections whose news concerns few: they do not wait for a sweep. Each stands in it once (ConnectionFlags.Queued), so it is bounded by the connections.</summary>
internal sealed class DirectQueue
{
    private int[] _ring = new int[256];
    private int _first;

    public int Count { get; private set; }

    public void Add(int connection)
    {
        if (Count == _ring.Length)
        {
            var grown = new int[_ring.Length * 2];
            for (var i = 0; i < Count; i++)
            {
                grown[i] = _ring[(_first + i) & (_ring.Length - 1)];
            }

            (_ring, _first) = (grown, 0);
        }

        _ring[(_first + Count++) & (_ring.Length - 1)] = connection;
    }

    public int Take()
    {
        var connection = _ring[_first];
        _first = (_first + 1) & (_ring.Length - 1);
        Count--;
        return connection;
    }
}
