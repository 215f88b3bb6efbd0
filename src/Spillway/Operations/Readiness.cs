namespace Spillway.Operations;

/// <summary>The hub's state as <c>/health/ready</c> tells it. Whoever starts and stops the hub sets it; any thread.</summary>
internal sealed class Readiness
{
    private int _state = (int)HubState.Starting;

    public HubState State => (HubState)Volatile.Read(ref _state);

    /// <summary>Moves to a state. After <see cref="HubState.Stopping"/> nothing moves it: a late success must not call load balancers back.</summary>
    public void Set(HubState state)
    {
        var seen = Volatile.Read(ref _state);
        while (seen != (int)HubState.Stopping)
        {
            var before = Interlocked.CompareExchange(ref _state, (int)state, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
