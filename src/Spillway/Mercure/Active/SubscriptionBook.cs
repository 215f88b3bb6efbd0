using System.Diagnostics.CodeAnalysis;

namespace Spillway.Mercure.Active;

/// <summary>
/// The connections that live, by their names, and those of which a change is still to be told. Any thread: loops say without waiting for anybody that something has changed, and whoever reads takes that over first,
/// so that what is read is exact.
/// </summary>
/// <param name="mostChanges">How many changes may wait to be told; more are not told.</param>
internal sealed class SubscriptionBook(int mostChanges)
{
    private readonly Lock _reading = new(); // Whoever reads takes it, and no loop ever does.
    private readonly Dictionary<string, Subscriber> _active = new(StringComparer.Ordinal);
    private readonly Queue<Subscriber> _untold = new();
    private Change? _newest; // What nobody has taken over yet, newest first: a queue of .NET would have a lock where it grows.
    private long _dropped;

    /// <summary>Connections that live.</summary>
    public int Count
    {
        get
        {
            lock (_reading)
            {
                TakeOverLocked();
                return _active.Count;
            }
        }
    }

    /// <summary>Changes that were not told, for too many waited.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Says that one has begun, or ended. Waits for nobody.</summary>
    public void Note(Subscriber subscriber)
    {
        var change = new Change(subscriber);
        do
        {
            change.Next = Volatile.Read(ref _newest);
        }
        while (Interlocked.CompareExchange(ref _newest, change, change.Next) != change.Next);
    }

    /// <summary>The living subscriptions that are asked for, in no order.</summary>
    /// <param name="isAsked">Which these are.</param>
    /// <param name="most">The most to be had.</param>
    public IReadOnlyList<(Subscriber Subscriber, SubscriptionEntry Entry)> Find(Func<SubscriptionEntry, bool> isAsked, int most)
    {
        lock (_reading)
        {
            TakeOverLocked();
            return [.. _active.Values.SelectMany(static one => one.Entries.Select(entry => (Subscriber: one, Entry: entry))).Where(one => isAsked(one.Entry)).Take(most)];
        }
    }

    public bool TryGet(string id, [NotNullWhen(true)] out Subscriber? subscriber)
    {
        lock (_reading)
        {
            TakeOverLocked();
            return _active.TryGetValue(id, out subscriber);
        }
    }

    /// <summary>The next one of which something may have changed since it was told.</summary>
    public bool TryTake([NotNullWhen(true)] out Subscriber? subscriber)
    {
        lock (_reading)
        {
            TakeOverLocked();
            return _untold.TryDequeue(out subscriber);
        }
    }

    /// <summary>Takes over what has changed. To be called now and then, for until somebody does, the changes wait, however many they are.</summary>
    public void TakeOver()
    {
        lock (_reading)
        {
            TakeOverLocked();
        }
    }

    private void TakeOverLocked()
    {
        for (var change = InOrder(Interlocked.Exchange(ref _newest, null)); change is not null; change = change.Next)
        {
            // What is so now counts, and not what was said: whoever ends while we look at it says so again.
            if (change.Subscriber.IsActive)
            {
                _active[change.Subscriber.Id] = change.Subscriber;
            }
            else
            {
                _active.Remove(change.Subscriber.Id);
            }

            if (_untold.Count < mostChanges)
            {
                _untold.Enqueue(change.Subscriber);
            }
            else
            {
                Interlocked.Increment(ref _dropped);
            }
        }
    }

    /// <summary>The oldest first.</summary>
    private static Change? InOrder(Change? newest)
    {
        Change? oldest = null;
        while (newest is not null)
        {
            var next = newest.Next;
            newest.Next = oldest;
            (oldest, newest) = (newest, next);
        }

        return oldest;
    }

    private sealed class Change(Subscriber subscriber)
    {
        public Subscriber Subscriber => subscriber;

        public Change? Next { get; set; }
    }
}
