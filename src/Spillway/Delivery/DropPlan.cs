namespace Spillway.Delivery;

/// <summary>Up to where a slow connection skips the events of each rule; what it skips was told as a gap when the plan was made.</summary>
internal sealed class DropPlan(int rules)
{
    private readonly long[] _slots = new long[rules];
    private readonly long[] _offsets = new long[rules];

    /// <summary>The head when the backlog was last judged.</summary>
    public long JudgedAt { get; set; }

    public bool Drops(long slot, byte rule) => slot <= _slots[rule];

    /// <summary>The same for replay, which knows offsets. Nothing is planned while a connection is in replay.</summary>
    public bool DropsOffset(long offset, int rule) => offset <= _offsets[rule];

    /// <summary>The newest slot that it may drop.</summary>
    public long Newest { get; private set; }

    public long UpTo(byte rule) => _slots[rule];

    public void Raise(byte rule, long slot, long offset)
    {
        _slots[rule] = Math.Max(_slots[rule], slot);
        Newest = Math.Max(Newest, slot);
        _offsets[rule] = Math.Max(_offsets[rule], offset);
    }
}
