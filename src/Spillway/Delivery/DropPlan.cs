namespace Spillway.Delivery;

/// <summary>Up to which slot a slow connection skips the events of each rule; what it skips was told as a gap when the plan was made.</summary>
internal sealed class DropPlan(int rules)
{
    private readonly long[] _upTo = new long[rules];

    /// <summary>The head when the backlog was last judged.</summary>
    public long JudgedAt { get; set; }

    public bool Drops(long slot, byte rule) => slot <= _upTo[rule];

    public long UpTo(byte rule) => _upTo[rule];

    public void Raise(byte rule, long slot) => _upTo[rule] = Math.Max(_upTo[rule], slot);
}
