namespace Spillway.Delivery;

/// <summary>What the wheel knows of a connection, as long as it waits; and what it asked for.</summary>
internal struct BatchState
{
    /// <summary>Its neighbours in the slot's list, plus one; 0: none.</summary>
    public int Previous;
    public int Next;

    /// <summary>The wheel's slot in which it is due, counted from the loop's start.</summary>
    public long Due;

    /// <summary>The window's slot of the first event that waits.</summary>
    public long Since;

    /// <summary>How much waits, at most, as <see cref="BatchedNews.WholeWindow"/> counts it.</summary>
    public int Fill;

    /// <summary>The interval that it asked for, in milliseconds; 0: none.</summary>
    public int Own;

    /// <summary>The wheel's slot in which its events were looked at last; −1: not since it waits.</summary>
    public long LookedAt;
}
