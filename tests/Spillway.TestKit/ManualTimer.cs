namespace Spillway.TestKit;

/// <summary>A timer of <see cref="ManualTimeProvider"/>.</summary>
internal sealed class ManualTimer(ManualTimeProvider clock, Action fire) : ITimer
{
    /// <summary>When it fires next, in the clock's ticks.</summary>
    public long Due { get; set; }

    /// <summary>Ticks between two firings; 0 for a timer that fires once.</summary>
    public long Period { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        clock.Set(this, dueTime, period);
        return true;
    }

    public void Fire() => fire();

    public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
