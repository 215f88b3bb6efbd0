using System.Numerics;
using Spillway.Delivery;

namespace Spillway.Hub;

/// <summary>How loops hear of events.</summary>
internal sealed partial class Dispatcher
{
    private void PublishLocked()
    {
        window.Publish();
        Interlocked.MemoryBarrier(); // The head, then the marks; loops clear the mark, then read the head.
        var wake = 0UL;
        foreach (var (strand, critical, batched) in _news)
        {
            ref var state = ref strands[strand];
            var mask = state.LoopMask;
            if (batched != default)
            {
                wake |= MarkBatched(strand, mask, batched);
                continue;
            }

            var before = critical ? Interlocked.Or(ref state.PendingCritical, mask) : Interlocked.Or(ref state.Pending, mask);
            for (var fresh = mask & ~before; fresh != 0; fresh &= fresh - 1)
            {
                _loops[BitOperations.TrailingZeroCount(fresh)].Mark(strand, critical ? Lane.Critical : Lane.Normal);
            }

            wake |= mask;
        }

        _news.Clear();
        for (; wake != 0; wake &= wake - 1)
        {
            _loops[BitOperations.TrailingZeroCount(wake)].Wake();
        }
    }

    /// <summary>Tells loops of an event that may wait. One that knows of the strand already is not woken: it will look at it when it looks at the others.</summary>
    private ulong MarkBatched(int strand, ulong mask, BatchedNews news)
    {
        var wake = 0UL;
        for (var left = mask; left != 0; left &= left - 1)
        {
            var loop = BitOperations.TrailingZeroCount(left);
            if (strands.Batched.Add(loop, strand, news))
            {
                _loops[loop].Mark(strand, Lane.Batched);
                wake |= 1UL << loop;
            }
        }

        return wake;
    }
}
