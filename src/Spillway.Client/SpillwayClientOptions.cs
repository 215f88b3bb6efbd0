namespace Spillway.Client;

/// <summary>How a <see cref="SpillwayClient"/> reaches its hub, and how patient it is.</summary>
public sealed class SpillwayClientOptions
{
    /// <summary>Where the hub is mapped, for example <c>http://127.0.0.1:8080/</c>. Default: that of the <see cref="HttpClient"/>.</summary>
    public Uri? BaseAddress { get; init; }

    /// <summary>
    /// What the client presents: a token or an API key. It is asked before every request, so before every attempt and every reconnection, and its answer is sent as <c>Authorization: Bearer …</c>, never in the URL. Where it
    /// answers null, what the <see cref="HttpClient"/> sends by itself stands. What it throws is thrown to whoever publishes or reads, but for what counts as a failed connection (an
    /// <see cref="HttpRequestException"/>, an <see cref="IOException"/>), after which it is asked again. Default: null, nothing.
    /// </summary>
    public Func<CancellationToken, ValueTask<string?>>? Credential { get; init; }

    /// <summary>Where time comes from. Default: the system's clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The longest wait after a first failure; it doubles with each one in a row, and the wait is random below it. Default: 1 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Where the doubling of <see cref="RetryDelay"/> stops. Default: 30 s.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait that a hub may ask for, by <c>retry</c> or <c>Retry-After</c>; more is cut to it. Default: 1 h.</summary>
    public TimeSpan MaxServerDelay { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long one publish request, and the beginning of a subscription, may take. Streamed publishing is not limited. Default: 30 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often one publish request is tried before its failure is thrown. Default: 5.</summary>
    public int PublishAttempts { get; init; } = 5;

    /// <summary>The level at which publish requests are answered. Default: what the hub does by itself, which is <see cref="CommitLevel.Synced"/> unless set otherwise there.</summary>
    public CommitLevel? Commit { get; init; }

    /// <summary>The most events of one batch; longer lists are split. Default: 1,000, as the hub's <c>Limits:BatchEvents</c>.</summary>
    public int MaxBatchEvents { get; init; } = 1_000;

    /// <summary>The most bytes of one batch's body; longer lists are split. A single event may be longer. Default: 8 MiB, as the hub's <c>Limits:BatchBytes</c>.</summary>
    public int MaxBatchBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>A number in [0, 1) for jitter; tests fix it.</summary>
    internal Func<double> NextRandom { get; init; } = Random.Shared.NextDouble;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ThrowIfOutside(RetryDelay, TimeSpan.FromMilliseconds(1), MaxRetryDelay, nameof(RetryDelay));
        ThrowIfOutside(MaxRetryDelay, RetryDelay, TimeSpan.FromDays(1), nameof(MaxRetryDelay));
        ThrowIfOutside(MaxServerDelay, TimeSpan.Zero, TimeSpan.FromDays(1), nameof(MaxServerDelay));
        ThrowIfOutside(RequestTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1), nameof(RequestTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(PublishAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchEvents, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchBytes, 1);
    }

    private static void ThrowIfOutside(TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}.");
        }
    }
}
