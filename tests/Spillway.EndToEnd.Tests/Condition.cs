namespace Spillway.EndToEnd.Tests;

/// <summary>Waits, for a bounded time, for what other threads or processes do.</summary>
internal static class Condition
{
    /// <summary>Looks again and again until it is so; throws <see cref="TimeoutException"/> with what <paramref name="describe"/> says when <paramref name="patience"/> is over.</summary>
    public static async Task WaitAsync(Func<Task<bool>> isSo, TimeSpan patience, Func<string> describe, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(started) > patience)
            {
                throw new TimeoutException(describe());
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
