namespace Spillway.Client.Subscribing;

/// <summary>The ids of the last events handed out, bounded.</summary>
internal sealed class RecentIds(int capacity)
{
    private readonly Queue<string> _order = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Remembers an id; false if it is known.</summary>
    public bool TryAdd(string id)
    {
        if (!_known.Add(id))
        {
            return false;
        }

        _order.Enqueue(id);
        if (_order.Count > capacity)
        {
            _known.Remove(_order.Dequeue());
        }

        return true;
    }
}
