namespace Spillway.Mercure;

/// <summary>The one place that the Mercure hub has on a host, however often its other endpoints are mapped: its path is in its address, and two of the same path would be none.</summary>
internal sealed class MercurePlace
{
    private int _isTaken;

    /// <summary>Whether it is still to be mapped. True once.</summary>
    public bool TryTake() => Interlocked.Exchange(ref _isTaken, 1) == 0;
}
