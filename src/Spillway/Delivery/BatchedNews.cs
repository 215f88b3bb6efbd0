using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>
/// Events that may wait: the shortest of their intervals in milliseconds, and how much of their rules' windows they fill together. In one number, so that it changes at
/// once; 0: there are none.
/// </summary>
internal readonly record struct BatchedNews(uint Bits)
{
    /// <summary>A rule's window. The shares of events of several rules are added, which counts too much rather than too little.</summary>
    public const int WholeWindow = ushort.MaxValue;

    /// <summary>No more than this waits: a write that does not fit into a socket would make a healthy connection slow, and the rest of it must be within the window then.</summary>
    public const int MostFill = (WholeWindow + 1) * 3 / 4;

    /// <summary>What expires sooner does not wait: the wheel's slots are too long for it.</summary>
    public const int ShortestTtlMilliseconds = 50;

    public BatchedNews(int interval, int fill)
        : this(((uint)interval << 16) | (uint)fill)
    {
    }

    public int Interval => (int)(Bits >> 16);

    public int Fill => (int)(Bits & ushort.MaxValue);

    /// <summary>An event, or 0 where it may not wait. Half of a ttl is a bound: nothing expires because it waits.</summary>
    public static BatchedNews Of(TopicRule rule, in EventRecord record)
    {
        var ttl = record.TtlMilliseconds;
        if (rule.Batch is not { } batch || (ttl > 0 && ttl < ShortestTtlMilliseconds))
        {
            return default;
        }

        var interval = Math.Ceiling(batch.TotalMilliseconds);
        return new BatchedNews((int)(ttl > 0 ? Math.Min(interval, ttl / 2) : interval), FillOf(rule, record.Bytes.Length));
    }

    /// <summary>The share of its rule's window that an event fills.</summary>
    public static int FillOf(TopicRule rule, int bytes) =>
        (int)Math.Min(WholeWindow, Math.Max(Share(1, rule.BacklogEvents), Share(bytes, rule.BacklogBytes)));

    public BatchedNews With(BatchedNews other) => Bits == 0
        ? other
        : new BatchedNews(Math.Min(Interval, other.Interval), Math.Min(WholeWindow, Fill + other.Fill));

    private static long Share(long part, long whole) => ((part * WholeWindow) + whole - 1) / whole;
}
