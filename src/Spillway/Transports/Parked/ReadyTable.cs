namespace Spillway.Transports.Parked;

/// <summary>Finds who a number in epoll's data stands for. It holds a generation, too: an event for what has been closed finds nobody, though the place may be taken again.</summary>
internal sealed class ReadyTable
{
    private readonly Stack<int> _free = new();
    private (IReady? Target, int Generation)[] _places = new (IReady?, int)[256];
    private int _used;
    private int _count;

    public bool IsEmpty => _count == 0;

    public long Add(IReady target)
    {
        if (!_free.TryPop(out var index))
        {
            if (_used == _places.Length)
            {
                Array.Resize(ref _places, _used * 2);
            }

            index = _used++;
        }

        ref var place = ref _places[index];
        place.Target = target;
        _count++;
        return ((long)place.Generation << 32) | (uint)index;
    }

    public IReady? Find(long number)
    {
        var index = (int)(uint)number;
        return (uint)index < (uint)_used && _places[index].Generation == (int)(number >> 32) ? _places[index].Target : null;
    }

    /// <summary>A second time is harmless.</summary>
    public void Remove(long number)
    {
        if (Find(number) is null)
        {
            return;
        }

        var index = (int)(uint)number;
        ref var place = ref _places[index];
        place = (null, (place.Generation + 1) & int.MaxValue); // Numbers stay positive.
        _free.Push(index);
        _count--;
    }

    public IReady[] All() => [.. _places.Select(static place => place.Target).OfType<IReady>()];
}
