namespace Spillway.Delivery;

/// <summary>How long subscribers wait before they reconnect, spread over the time that all of them would need.</summary>
internal interface IRetryDelays
{
    /// <summary>The order of magnitude of the spread, as a power of two: when it changes, the spread has doubled or halved.</summary>
    byte RetryMagnitude { get; }

    /// <summary>A delay in milliseconds, jittered over the spread.</summary>
    int NextRetryMilliseconds();
}
