namespace Spillway.Delivery;

/// <summary>Sleeps on a semaphore: for loops that watch no sockets.</summary>
internal sealed class SemaphoreWaiter : ILoopWaiter
{
    private readonly SemaphoreSlim _signal = new(0);

    public void Wait(TimeSpan atMost) => _signal.Wait(atMost);

    public void Poll()
    {
        // Nothing comes but what is posted.
    }

    public void Wake() => _signal.Release();

    public void Dispose() => _signal.Dispose();
}
