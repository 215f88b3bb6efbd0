namespace Spillway.Delivery;

/// <summary>What one loop has done; written by its thread, read by metrics at any time.</summary>
internal sealed class LoopCounters
{
    public long Delivered;
    public long Sends;
    public long Bytes;
    public long Visits;
    public long FellBehind;
    public long ReplayStarts;
    public long GapsTold;
    public long SignalsSent;
    public long RestBytes;
    public long RestOverflows;
    public long[] Missed { get; } = new long[Enum.GetValues<GapReason>().Length];
    public long[] Closed { get; } = new long[Enum.GetValues<CloseReason>().Length];
}
