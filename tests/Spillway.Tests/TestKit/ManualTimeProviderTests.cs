using Spillway.TestKit;

namespace Spillway.Tests.TestKit;

public sealed class ManualTimeProviderTests
{
    [Fact]
    public void Advance_TimersDueOnTheWay_FireInTheirOrderAtTheirTimes()
    {
        var clock = new ManualTimeProvider();
        var begin = clock.GetUtcNow();
        var fired = new List<(string Name, TimeSpan At)>();
        using var late = clock.CreateTimer(_ => fired.Add(("late", clock.GetUtcNow() - begin)), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        using var often = clock.CreateTimer(_ => fired.Add(("often", clock.GetUtcNow() - begin)), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));

        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal([("often", TimeSpan.FromSeconds(2)), ("often", TimeSpan.FromSeconds(4)), ("late", TimeSpan.FromSeconds(5))], fired);
        Assert.Equal(TimeSpan.FromSeconds(5), clock.GetElapsedTime(0));
    }

    [Fact]
    public async Task Advance_WaitThatIsDue_Ends()
    {
        var clock = new ManualTimeProvider();
        var wait = new TaskCompletionSource().Task.WaitAsync(TimeSpan.FromSeconds(3), clock, TestContext.Current.CancellationToken);
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);

        clock.Advance(TimeSpan.FromSeconds(3) - TimeSpan.FromTicks(1));
        Assert.False(wait.IsCompleted);
        clock.Advance(TimeSpan.FromTicks(1));

        await Assert.ThrowsAsync<TimeoutException>(() => wait);
    }

    [Fact]
    public void Change_TimerThatWasDisposedOf_NeverFires()
    {
        var clock = new ManualTimeProvider();
        var fired = 0;
        var timer = clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        clock.Advance(TimeSpan.FromSeconds(1));
        timer.Dispose();
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(1, fired);
    }
}
