using Microsoft.Extensions.Logging;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What all loops of a hub share.</summary>
internal sealed record LoopContext(
    Window Window,
    StrandTable Strands,
    PinTable Pins,
    TopicRules Rules,
    Replayer Replayer,
    IWireEncoder[] Encoders,
    SpillwayOptions Options,
    ulong Epoch,
    Action<int[], int> ReleaseStrands,
    IRetryDelays Retry,
    TimeProvider Clock,
    ILogger Logger)
{
    /// <summary>Whether any rule gives events up for slow connections; else no connection is ever judged.</summary>
    public bool AnyDrops { get; } = Enumerable.Range(0, Rules.Count).Any(i => Rules[i].EffectiveOverflow == OverflowPolicy.DropOldest);

    /// <summary>Whether any event can be missed that history does not have.</summary>
    public bool AnyEphemeral { get; } = Enumerable.Range(0, Rules.Count).Any(i => !Rules[i].History);
}
