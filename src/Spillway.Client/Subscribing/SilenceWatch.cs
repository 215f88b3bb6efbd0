namespace Spillway.Client.Subscribing;

/// <summary>Cancels a connection on which no byte comes for too long. It runs only while somebody waits for bytes: a reader that takes its time is not the hub's silence.</summary>
internal sealed class SilenceWatch : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly ITimer _timer;
    private volatile bool _fired;

    public SilenceWatch(TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = timeProvider.CreateTimer(static state => ((SilenceWatch)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether the connection was given up for its silence.</summary>
    public bool Fired => _fired;

    public CancellationToken Token => _source.Token;

    /// <summary>How long a silence may last.</summary>
    public TimeSpan Limit { get; set; } = Timeout.InfiniteTimeSpan;

    public void Restart() => _timer.Change(Limit, Timeout.InfiniteTimeSpan);

    public void Pause() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }

    private void Fire()
    {
        _fired = true;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The timer fired while the connection was being disposed of: there is nothing left to cancel.
        }
    }
}
