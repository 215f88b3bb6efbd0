using Spillway.Client.Http;
using Spillway.Client.Subscribing;

namespace Spillway.Client;

/// <summary>
/// A subscription, read by <c>await foreach</c>. It connects when reading begins, connects again by itself for as long as it is read, and goes on behind the last item handed out.
/// Reading it a second time goes on there too. It reads from the network only as fast as it is read: nothing piles up in memory.
/// </summary>
/// <remarks>Only one reader at a time. Its properties may be read from any thread.</remarks>
public sealed class EventReader : IAsyncEnumerable<StreamItem>
{
    private readonly HttpClient _http;
    private readonly Uri _baseAddress;
    private readonly SpillwayClientOptions _options;
    private readonly SubscribeOptions _subscription;
    private readonly CancellationToken _cancelled;
    private readonly StreamProgress _progress;
    private volatile ReaderState _state;
    private int _readers;

    internal EventReader(HttpClient http, Uri baseAddress, SpillwayClientOptions options, SubscribeOptions subscription, CancellationToken cancellationToken)
    {
        _http = http;
        _baseAddress = baseAddress;
        _options = options;
        _subscription = subscription;
        _cancelled = cancellationToken;
        _progress = new StreamProgress(subscription.RememberedIds);
        if (subscription.Start.Name == "cursor")
        {
            _progress.TryTake(subscription.Start.Value); // The event at the cursor was handled before.
        }
    }

    /// <summary>What the stream is doing.</summary>
    public ReaderState State => _state;

    /// <summary>The position behind the last item handed out; a quiet stream's moves too. Empty until the hub has named one.</summary>
    public string Cursor => _progress.Cursor.Length == 0 && _subscription.Start.Name == "cursor" ? _subscription.Start.Value : _progress.Cursor;

    /// <summary>How often the stream was connected again.</summary>
    public long Reconnects => _progress.Reconnects;

    /// <summary>Events that came again after a reconnect and were not handed out twice.</summary>
    public long Duplicates => _progress.Duplicates;

    /// <summary>Gaps that were handed out.</summary>
    public long Gaps => _progress.Gaps;

    /// <summary>Begins to read. Cancelling ends the reading with an <see cref="OperationCanceledException"/>.</summary>
    /// <exception cref="SpillwayException">While reading: the hub refused the subscription for good, or is none.</exception>
    /// <exception cref="InvalidOperationException">While reading: somebody else reads the stream.</exception>
    public async IAsyncEnumerator<StreamItem> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.CompareExchange(ref _readers, 1, 0) != 0)
        {
            throw new InvalidOperationException("The stream is being read already; make a second subscription for a second reader.");
        }

        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(_cancelled, cancellationToken);
        try
        {
            var failures = 0;
            while (_state != ReaderState.Ended)
            {
                _state = ReaderState.Connecting;
                ConnectionEnd end;
                var connection = HubConnection.Create(_http, _baseAddress, _options, _subscription, _progress, cancelled.Token);
                await using (connection.ConfigureAwait(false))
                {
                    var items = new ItemReader(connection, _progress);
                    if (await connection.OpenAsync().ConfigureAwait(false))
                    {
                        while (await items.ReadAsync().ConfigureAwait(false) is { } item)
                        {
                            _state = item is EndedNotice ? ReaderState.Ended : ReaderState.Open;
                            yield return item;
                            if (_state == ReaderState.Ended)
                            {
                                yield break;
                            }
                        }
                    }

                    end = items.Explain(connection.End!);
                    failures = items.Opened ? 0 : failures + 1;
                }

                if (end.NothingFollows)
                {
                    _state = ReaderState.Ended;
                    yield return new EndedNotice(Cursor);
                    yield break;
                }

                var lost = Lost(end, failures);
                _state = ReaderState.Waiting;
                yield return lost;
                await Task.Delay(lost.Delay, _options.TimeProvider, cancelled.Token).ConfigureAwait(false);
            }
        }
        finally
        {
            _state = _state == ReaderState.Ended ? ReaderState.Ended : ReaderState.Idle;
            Volatile.Write(ref _readers, 0);
        }
    }

    private DisconnectedNotice Lost(ConnectionEnd end, int failures)
    {
        if (end.Reason == DisconnectReason.Silent)
        {
            ClientMetrics.SilentConnections.Add(1);
        }

        if (failures > 0)
        {
            ClientMetrics.FailedAttempts.Add(1);
            if (failures == _subscription.MaxAttempts)
            {
                throw new SpillwayException($"The hub at {_baseAddress} could not be subscribed to in {failures} attempts. {end.Detail}");
            }
        }

        var floor = end.RetryAfter > _progress.Retry ? end.RetryAfter : _progress.Retry;
        return new DisconnectedNotice(Cursor)
        {
            Reason = end.Reason,
            Detail = end.Detail,
            Failures = failures,
            Delay = Backoff.Delay(_options, failures, floor),
        };
    }
}
