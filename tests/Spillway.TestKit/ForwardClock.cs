using Microsoft.Extensions.DependencyInjection;

namespace Spillway.TestKit;

/// <summary>The system's clock, which a test can put forward. Its timers keep real time: what is due by the clock is seen by whoever looks at it.</summary>
internal sealed class ForwardClock : TimeProvider
{
    private long _ahead;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _ahead));

    public override long GetTimestamp() => System.GetElapsedTime(0).Ticks + Volatile.Read(ref _ahead);

    public void Forward(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);

    /// <summary>Makes it the clock of a host.</summary>
    public void AddTo(IServiceCollection services) => services.AddSingleton<TimeProvider>(this);
}
