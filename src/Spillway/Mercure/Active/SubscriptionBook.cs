using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Spillway.Mercure.Active;

/// <summary>The connections that live, by their names, and those of which a change is still to be told. Any thread; nobody waits for another for longer than a step.</summary>
/// <param name="mostChanges">How many changes may wait; more are not told.</param>
internal sealed class SubscriptionBook(int mostChanges)
{
    private readonly ConcurrentDictionary<string, Subscriber> _active = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Subscriber> _changed = new();
    private int _waiting;
    private long _dropped;

    /// <summary>Connections that live.</summary>
    public int Count => _active.Count;

    /// <summary>Changes that were not told, for too many waited.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>All of them, in no order, while some come and go.</summary>
    public IEnumerable<Subscriber> All => _active.Select(static pair => pair.Value);

    public void Add(Subscriber subscriber)
    {
        _active[subscriber.Id] = subscriber;
        Change(subscriber);
    }

    public void Remove(Subscriber subscriber)
    {
        _active.TryRemove(subscriber.Id, out _);
        Change(subscriber);
    }

    public bool TryGet(string id, [NotNullWhen(true)] out Subscriber? subscriber) => _active.TryGetValue(id, out subscriber);

    /// <summary>The next one of which something may have changed since it was told.</summary>
    public bool TryTake([NotNullWhen(true)] out Subscriber? subscriber)
    {
        var taken = _changed.TryDequeue(out subscriber);
        if (taken)
        {
            Interlocked.Decrement(ref _waiting);
        }

        return taken;
    }

    private void Change(Subscriber subscriber)
    {
        if (Interlocked.Increment(ref _waiting) > mostChanges)
        {
            Interlocked.Decrement(ref _waiting);
            Interlocked.Increment(ref _dropped);
            return;
        }

        _changed.Enqueue(subscriber);
    }
}
