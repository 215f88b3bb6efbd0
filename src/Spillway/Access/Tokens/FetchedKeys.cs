using Microsoft.Extensions.Logging;

namespace Spillway.Access.Tokens;

/// <summary>
/// The keys that an issuer publishes. They are looked for when none is known, when a token names one that is not known, and when those that are known are old; one look
/// at a time, and no two within an interval. While the issuer cannot be reached the last keys go on being used, for a bounded time.
/// </summary>
internal sealed partial class FetchedKeys : IKeySource, IAsyncDisposable
{
    private readonly string _issuer;
    private readonly IKeyFetcher _fetcher;
    private readonly KeySetReader _reader;
    private readonly KeySetLimits _limits;
    private readonly TokenMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private volatile Known? _known;
    private Task<bool>? _fetch; // The look that is under way.
    private long? _askedAt; // The last look that began.
    private volatile bool _failing; // Told already.

    /// <param name="issuer">Whose keys they are, for the log.</param>
    /// <param name="fetcher">Where they are; disposed with this.</param>
    /// <param name="reader">What reads them.</param>
    /// <param name="limits">When it is looked, and how long keys are good.</param>
    /// <param name="metrics">Where looks are counted.</param>
    /// <param name="clock">What time it is.</param>
    /// <param name="logger">Where changes and faults are told.</param>
    public FetchedKeys(string issuer, IKeyFetcher fetcher, KeySetReader reader, KeySetLimits limits, TokenMetrics metrics, TimeProvider clock, ILogger logger) =>
        (_issuer, _fetcher, _reader, _limits, _metrics, _clock, _logger) = (issuer, fetcher, reader, limits, metrics, clock, logger);

    /// <summary>Where it looks, to the letter; empty where nobody asks.</summary>
    public string Origin { get; init; } = "";

    public bool IsOut => _failing && (_known is not { } known || _clock.GetElapsedTime(known.At) >= _limits.KeepFor);

    private sealed record Known(KeySet Keys, byte[] Content, long At);

    public KeySet GetKeys()
    {
        if (_known is not { } known)
        {
            return KeySet.Empty;
        }

        var age = _clock.GetElapsedTime(known.At);
        if (age >= _limits.MaxAge)
        {
            _ = BeginAsync(); // Nobody waits for it.
        }

        return age < _limits.KeepFor ? known.Keys : KeySet.Empty;
    }

    /// <summary>
    /// Begins with what another knows who looked at the same place for the same issuer; before anybody uses this one. It is read anew, by what may be different rules now. The interval goes on, so that
    /// changes of options cost the issuer nothing, unless a look was under way, of which this one will not hear.
    /// </summary>
    public void TakeOver(FetchedKeys before)
    {
        Known? known;
        lock (before._lock)
        {
            (known, _failing) = (before._known, before._failing);
            _askedAt = before._fetch is null && before._askedAt != long.MaxValue ? before._askedAt : null;
        }

        if (known is not null && _reader.TryRead(known.Content, out var keys, out _, out _))
        {
            _known = known with { Keys = keys };
        }
        else if (known is not null)
        {
            _askedAt = null; // By the rules of now it holds no set, so there is none.
        }
    }

    public ValueTask<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        if (BeginAsync() is { } fetch)
        {
            return new(fetch.WaitAsync(cancellationToken));
        }

        _metrics.Fetched("too-soon");
        return new(false);
    }

    public async ValueTask DisposeAsync()
    {
        Task? fetch;
        lock (_lock)
        {
            if (_askedAt == long.MaxValue)
            {
                return;
            }

            fetch = _fetch;
            _askedAt = long.MaxValue; // None begins any more.
        }

        await _stop.CancelAsync();
        if (fetch is not null)
        {
            await fetch;
        }

        _fetcher.Dispose();
        _stop.Dispose();
    }

    /// <summary>The look that is under way, begun now if it may be; null where it is too soon.</summary>
    private Task<bool>? BeginAsync()
    {
        lock (_lock)
        {
            if (_fetch is not null)
            {
                return _fetch;
            }

            var now = _clock.GetTimestamp();
            if (_askedAt is { } asked && (asked == long.MaxValue || _clock.GetElapsedTime(asked, now) < _limits.Interval))
            {
                return null;
            }

            _askedAt = now;
            return _fetch = Task.Run(FetchAsync);
        }
    }

    private async Task<bool> FetchAsync()
    {
        var before = _known?.Keys;
        try
        {
            var fetched = await FetchInTimeAsync();
            Take(fetched);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Whoever waits is going, too.
        }
        finally
        {
            lock (_lock)
            {
                _fetch = null;
            }
        }

        return !ReferenceEquals(before, _known?.Keys);
    }

    private async Task<KeyFetch> FetchInTimeAsync()
    {
        using var late = new CancellationTokenSource(_limits.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stop.Token);
        try
        {
            return await _fetcher.FetchAsync(either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !_stop.IsCancellationRequested)
        {
            return new KeyFetch(null, $"did not answer within {_limits.Timeout.TotalSeconds:0.###} s");
        }
    }

    private void Take(KeyFetch fetched)
    {
        IReadOnlyList<string> skipped = [];
        var (content, fault) = fetched;
        KeySet? keys = null;
        if (content is null || (!IsKnown(content) && !_reader.TryRead(content, out keys, out skipped, out fault)))
        {
            Fail(fault);
            return;
        }

        var now = _clock.GetTimestamp();
        if (keys is null)
        {
            _known = _known! with { At = now };
            _metrics.Fetched("unchanged");
        }
        else
        {
            _known = new Known(keys, content, now);
            _metrics.Fetched("changed");
            Log.Changed(_logger, _issuer, _fetcher.Place, keys.Keys.Count, skipped.Count, string.Join("; ", skipped.Distinct()));
        }

        _failing = false;
    }

    // The same bytes are the same set, and tickets that were verified with it stay in the cache.
    private bool IsKnown(byte[] content) => _known is { } known && content.AsSpan().SequenceEqual(known.Content);

    private void Fail(string fault)
    {
        _metrics.Fetched("failed");
        if (!_failing)
        {
            _failing = true;
            Log.Failed(_logger, _issuer, _fetcher.Place, fault, _known?.Keys.Keys.Count ?? 0, _limits.KeepFor);
        }
    }
}
