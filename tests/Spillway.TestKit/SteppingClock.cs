namespace Spillway.TestKit;

/// <summary>A clock by which everything takes long: each look at its timestamp is one step later than the one before.</summary>
internal sealed class SteppingClock(TimeSpan step) : TimeProvider
{
    private long _looks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Increment(ref _looks) * step.Ticks;
}
