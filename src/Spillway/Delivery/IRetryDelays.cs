namespace Spillway.Delivery;

/// <summary>How long subscribers wait before they reconnect, spread over the time that all of them would need.</summary>
internal interface IRetryDelays
{
    /// <summary>A difference of this many steps of <see cref="RetryMagnitude"/> is a spread doubled or halved. The greatest spread, 25 days in milliseconds, is step 186.</summary>
    const int StepsOfADoubling = 6;

    /// <summary>
    /// The logarithm of the spread in steps. Finer than powers of two: a spread that moves a little about one of them must not make every connection's delay be told again.
    /// </summary>
    byte RetryMagnitude { get; }

    /// <summary>A delay in milliseconds, jittered over the spread.</summary>
    int NextRetryMilliseconds();
}
