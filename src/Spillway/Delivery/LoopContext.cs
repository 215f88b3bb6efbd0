using Microsoft.Extensions.Logging;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What all loops of a hub share.</summary>
internal sealed record LoopContext(
    Window Window,
    StrandTable Strands,
    PinTable Pins,
    RuleBook Rules,
    Replayer Replayer,
    IWireEncoder[] Encoders,
    SpillwayOptions Options,
    ulong Epoch,
    Action<int[], int> ReleaseStrands,
    IRetryDelays Retry,
    TimeProvider Clock,
    ILogger Logger)
{
    /// <summary>What makes text of positions for subscribers.</summary>
    public CursorCodec Cursors { get; init; } = CursorCodec.Plain;
}
