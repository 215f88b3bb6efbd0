using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>A connection that ends with its first answer: how long it waits and what goes into the answer; once it has ended, what the answer ends with. Its loop's until then.</summary>
internal sealed class Poll(Room room, TimeSpan wait)
{
    /// <summary>How long it waits while there is nothing for it. Zero: it is answered as soon as that is known.</summary>
    public TimeSpan Wait => wait;

    public Room Room { get; set; } = room;

    /// <summary>Whether something that is there did not go in any more.</summary>
    public bool IsFull { get; set; }

    /// <summary>Whether it has waited long enough.</summary>
    public bool IsOver { get; set; }

    /// <summary>Where the next poll goes on; null: where this one began.</summary>
    public Position? Cursor { get; set; }

    /// <summary>Whether more is known to follow.</summary>
    public bool More { get; set; }

    /// <summary>Milliseconds to wait before the next poll; 0: none.</summary>
    public int Retry { get; set; }

    /// <summary>How many of a page's events go in.</summary>
    public int CountOf(ReplayPage page)
    {
        var (count, bytes) = (0, 0);
        while (count < page.Count && Room.Has(count, bytes, page.EndAt(count) - bytes))
        {
            bytes = page.EndAt(count++);
        }

        return count;
    }
}
