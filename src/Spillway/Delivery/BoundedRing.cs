namespace Spillway.Delivery;

/// <summary>A queue of a fixed length, without a lock: many threads write, one reads. What does not fit is refused.</summary>
/// <remarks>
/// A place says in its turn what may be done with it: it equals the write's number when the place is free for it, one more when the item is there. A writer owns a place once it has raised the count of
/// writes; whoever is overtaken in between holds up the reader, and nobody else.
/// </remarks>
/// <param name="length">A power of two.</param>
internal sealed class BoundedRing<T>(int length)
    where T : struct
{
    private readonly (long Turn, T Item)[] _places = [.. Enumerable.Range(0, length).Select(static turn => ((long)turn, default(T)))];
    private long _written;
    private long _read; // Of the reader alone.

    /// <summary>Whether the next item is there. The reader.</summary>
    public bool IsEmpty => Volatile.Read(ref _places[_read & (length - 1)].Turn) != _read + 1;

    /// <summary>Any thread. False: it is full.</summary>
    public bool TryWrite(in T item)
    {
        while (true)
        {
            var mine = Volatile.Read(ref _written);
            ref var place = ref _places[mine & (length - 1)];
            var ahead = Volatile.Read(ref place.Turn) - mine;
            if (ahead < 0)
            {
                return false; // What was written a round ago has not been read.
            }

            if (ahead == 0 && Interlocked.CompareExchange(ref _written, mine + 1, mine) == mine)
            {
                place.Item = item;
                Volatile.Write(ref place.Turn, mine + 1);
                return true;
            }
        }
    }

    /// <summary>The reader.</summary>
    public bool TryRead(out T item)
    {
        ref var place = ref _places[_read & (length - 1)];
        if (Volatile.Read(ref place.Turn) != _read + 1)
        {
            item = default;
            return false;
        }

        item = place.Item;
        Volatile.Write(ref place.Turn, _read + length);
        _read++;
        return true;
    }
}
