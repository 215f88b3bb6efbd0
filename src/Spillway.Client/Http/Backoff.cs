namespace Spillway.Client.Http;

/// <summary>How long to wait before the next attempt.</summary>
internal static class Backoff
{
    /// <summary>
    /// Never sooner than the hub asked (<paramref name="floor"/>: <c>retry</c>, which the hub has spread over its clients already, or <c>Retry-After</c>), and behind that anywhere in a range that doubles
    /// with each failure in a row. Where the hub named a time and nothing has failed yet, exactly that time.
    /// </summary>
    public static TimeSpan Delay(SpillwayClientOptions options, int failures, TimeSpan floor)
    {
        floor = floor < options.MaxServerDelay ? floor : options.MaxServerDelay;
        if (failures == 0 && floor > TimeSpan.Zero)
        {
            return floor;
        }

        var doublings = Math.Min(Math.Max(failures - 1, 0), 30); // 2^30 times any delay is above every cap.
        var range = Math.Min(options.RetryDelay.TotalMilliseconds * (1L << doublings), options.MaxRetryDelay.TotalMilliseconds);
        return floor + TimeSpan.FromMilliseconds(range * options.NextRandom());
    }

    /// <summary>What <c>Retry-After</c> asks for, by seconds or by a date; zero without the header.</summary>
    public static TimeSpan RetryAfter(HttpResponseMessage response, TimeProvider timeProvider)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date is { } date ? date - timeProvider.GetUtcNow() : TimeSpan.Zero);
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>Answers to a publisher that a later attempt may turn into a success: too slow, too many, and what a hub, or a proxy in front of it, says while it is away.</summary>
    public static bool MayPublishAgain(int status) => status is 408 or 429 or 502 or 503 or 504 or 507;

    /// <summary>Answers after which a subscriber comes back by itself; every other fault is one of the request and would come again. 501: the hub does not speak the transport.</summary>
    public static bool MaySubscribeAgain(int status) => status is 408 or 429 or (>= 500 and not 501);
}
