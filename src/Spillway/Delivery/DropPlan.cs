namespace Spillway.Delivery;

/// <summary>Up to where a slow connection skips the events of each rule; what it skips was told as a gap when the plan was made.</summary>
internal sealed class DropPlan
{
    private long[] _slots = []; // By rule, up to the last one that drops anything.
    private long[] _offsets = [];

    /// <summary>The head when the backlog was last judged.</summary>
    public long JudgedAt { get; set; }

    public bool Drops(long slot, byte rule) => slot <= UpTo(rule);

    /// <summary>The same for replay, which knows offsets. Nothing is planned while a connection is in replay.</summary>
    public bool DropsOffset(long offset, byte rule) => rule < _offsets.Length && offset <= _offsets[rule];

    /// <summary>The newest slot that it may drop.</summary>
    public long Newest { get; private set; }

    public long UpTo(byte rule) => rule < _slots.Length ? _slots[rule] : 0;

    public void Raise(byte rule, long slot, long offset)
    {
        if (rule >= _slots.Length)
        {
            Array.Resize(ref _slots, rule + 1);
            Array.Resize(ref _offsets, rule + 1);
        }

        _slots[rule] = Math.Max(_slots[rule], slot);
        Newest = Math.Max(Newest, slot);
        _offsets[rule] = Math.Max(_offsets[rule], offset);
    }
}
