namespace Spillway.TestKit;

/// <summary>A clock that stands still until a test moves it. Timers fire on the thread that moves it, in the order of their due times.</summary>
internal sealed class ManualTimeProvider : TimeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(TimeSpan Left, TaskCompletionSource Set)> _waiters = [];
    private DateTimeOffset _now = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return _ticks;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Sets the clock on the wall alone, as an operator or NTP does: no time passes.</summary>
    public void SetUtcNow(DateTimeOffset now)
    {
        lock (_lock)
        {
            _now = now;
        }
    }

    /// <summary>Moves the clock and fires what is due on the way, timers that others set meanwhile included.</summary>
    public void Advance(TimeSpan by)
    {
        var end = GetTimestamp() + by.Ticks;
        while (TryTakeDue(end, out var timer))
        {
            timer.Fire();
        }

        lock (_lock)
        {
            MoveToLocked(end);
        }
    }

    /// <summary>Returns once a timer is pending that has exactly <paramref name="left"/> to go: what the test waits for has begun to wait.</summary>
    public Task WaitForTimerAsync(TimeSpan left, CancellationToken cancellationToken)
    {
        var set = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_timers.Any(timer => timer.Due == _ticks + left.Ticks))
            {
                return Task.CompletedTask;
            }

            _waiters.Add((left, set));
        }

        return set.Task.WaitAsync(Patience, cancellationToken);
    }

    internal void Set(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            _timers.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                return;
            }

            timer.Due = _ticks + dueTime.Ticks;
            timer.Period = period > TimeSpan.Zero ? period.Ticks : 0;
            _timers.Add(timer);
            foreach (var waiter in _waiters.FindAll(waiter => waiter.Left == dueTime))
            {
                _waiters.Remove(waiter);
                waiter.Set.TrySetResult();
            }
        }
    }

    private bool TryTakeDue(long end, out ManualTimer timer)
    {
        lock (_lock)
        {
            timer = _timers.MinBy(static timer => timer.Due)!;
            if (timer is null || timer.Due > end)
            {
                return false;
            }

            MoveToLocked(timer.Due);
            _timers.Remove(timer);
            if (timer.Period > 0)
            {
                timer.Due += timer.Period;
                _timers.Add(timer);
            }

            return true;
        }
    }

    private void MoveToLocked(long ticks)
    {
        if (ticks > _ticks)
        {
            _now += TimeSpan.FromTicks(ticks - _ticks);
            _ticks = ticks;
        }
    }
}
