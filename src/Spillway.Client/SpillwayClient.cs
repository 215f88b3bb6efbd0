using Spillway.Client.Publishing;

namespace Spillway.Client;

/// <summary>Publishes to a hub, and subscribes to it. Safe for any number of threads; one per hub is enough.</summary>
public sealed class SpillwayClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly bool _ownsHttp;
    private readonly SpillwayClientOptions _options;
    private readonly Publisher _publisher;

    /// <summary>Makes a client with connections of its own for the hub at <paramref name="baseAddress"/>.</summary>
    public SpillwayClient(Uri baseAddress)
        : this(new SpillwayClientOptions { BaseAddress = baseAddress })
    {
    }

    /// <summary>Makes a client with connections of its own. <see cref="SpillwayClientOptions.BaseAddress"/> is required.</summary>
    public SpillwayClient(SpillwayClientOptions options)
        : this(CreateHttp(), options)
    {
        _ownsHttp = true;
    }

    /// <summary>Makes a client over the caller's <see cref="HttpClient"/>, which it does not dispose of. Its <see cref="HttpClient.Timeout"/> limits streamed publishing.</summary>
    public SpillwayClient(HttpClient http, SpillwayClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        _http = http;
        _options = options ?? new SpillwayClientOptions();
        _options.Validate();
        BaseAddress = Complete(_options.BaseAddress ?? http.BaseAddress);
        _publisher = new Publisher(http, _options);
    }

    /// <summary>Where the hub is mapped; it ends in "/".</summary>
    public Uri BaseAddress { get; }

    /// <summary>Subscribes. The connection is made when the stream is read, and made again whenever it ends; see <see cref="EventReader"/>.</summary>
    public EventReader SubscribeAsync(SubscribeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return new EventReader(_http, BaseAddress, _options, options, cancellationToken);
    }

    /// <summary>Publishes one event and returns once it is committed. Failures that may pass are tried again, with the same id.</summary>
    /// <exception cref="SpillwayException">The hub refused the event, or could not be reached in the allowed attempts.</exception>
    public Task<PublishReceipt> PublishAsync(OutgoingEvent source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return PublishAsync([source], cancellationToken);
    }

    /// <summary>
    /// Publishes events in their order and returns once all are committed. They go out in batches of at most <see cref="SpillwayClientOptions.MaxBatchEvents"/> and
    /// <see cref="SpillwayClientOptions.MaxBatchBytes"/>, each all or none. Failures that may pass are tried again, with the same ids.
    /// </summary>
    /// <exception cref="SpillwayException">The hub refused a batch, or could not be reached; <see cref="SpillwayException.CommittedEvents"/> says how many events went before it.</exception>
    public async Task<PublishReceipt> PublishAsync(IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        var sum = new PublishReceipt(0, 0, "");
        var batch = new BatchWriter(_options);
        var committed = 0;
        for (var i = 0; i < events.Count; i++)
        {
            if (!batch.TryAdd(events[i]))
            {
                sum = await SendBatchAsync(batch, sum, committed, cancellationToken).ConfigureAwait(false);
                committed = i;
                batch.TryAdd(events[i]);
            }
        }

        return batch.Count == 0 ? sum : await SendBatchAsync(batch, sum, committed, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Publishes one event with its payload as the request's body: no base64 for bytes. Its other fields travel in headers and must be printable ASCII.</summary>
    /// <exception cref="ArgumentException">A field cannot stand in a header or a URL.</exception>
    /// <exception cref="SpillwayException">The hub refused the event, or could not be reached in the allowed attempts.</exception>
    public async Task<PublishReceipt> PublishRawAsync(OutgoingEvent source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var id = source.Id ?? EventId.Create(_options.TimeProvider);
        var receipt = await _publisher.SendAsync(() => RawRequest.Create(BaseAddress, source, id), cancellationToken).ConfigureAwait(false);
        return new PublishReceipt(receipt.Accepted, receipt.Duplicates, receipt.Cursor);
    }

    /// <summary>
    /// Publishes events as they come, over one request, and returns once the last is committed. A bad event is reported and the others stay. Nothing is tried again: name ids
    /// where a second call after a failure must be harmless.
    /// </summary>
    /// <exception cref="SpillwayException">The hub refused the request, or the connection failed; an unknown part of the events is committed.</exception>
    public async Task<StreamReceipt> PublishStreamAsync(IAsyncEnumerable<OutgoingEvent> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        using var content = new NdjsonContent(events, cancellationToken);
        return await SendStreamAsync(content, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Publishes newline-delimited JSON as it comes, line by line as docs/protocol.md describes an event; otherwise like the overload for events.</summary>
    /// <exception cref="SpillwayException">The hub refused the request, or the connection failed; an unknown part of the events is committed.</exception>
    public async Task<StreamReceipt> PublishStreamAsync(Stream ndjson, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ndjson);
        using var content = new LiveContent(ndjson, "application/x-ndjson", cancellationToken);
        return await SendStreamAsync(content, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends a topic: publishing to it is refused from then on, and subscribers whose topics have all ended are told so. Again, it is harmless.</summary>
    /// <returns>The cursor of the topic's end.</returns>
    /// <exception cref="SpillwayException">The hub refused, or could not be reached in the allowed attempts.</exception>
    public async Task<string> EndTopicAsync(string topic, CancellationToken cancellationToken = default)
    {
        var address = RawRequest.TopicAddress(BaseAddress, topic, "/end");
        var receipt = await _publisher.SendAsync(() => new HttpRequestMessage(HttpMethod.Post, address), cancellationToken).ConfigureAwait(false);
        return receipt.Cursor;
    }

    /// <summary>Closes the connections, if they are the client's own.</summary>
    public void Dispose()
    {
        if (_ownsHttp)
        {
            _http.Dispose();
        }
    }

    private static HttpClient CreateHttp() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, // A redirected POST becomes a GET: better an error that names the address.
        ConnectTimeout = TimeSpan.FromSeconds(15),
        EnableMultipleHttp2Connections = true, // A hub may allow 100 streams a connection.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // Names are looked up again; a stream that is open lives on.
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // Streams have no end; requests are limited one by one.
    };

    private static Uri Complete(Uri? address)
    {
        if (address is not { IsAbsoluteUri: true } || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException($"The hub's address \"{address}\" is not an absolute http or https URL; use for example \"http://127.0.0.1:8080/\".", nameof(address));
        }

        return address.AbsolutePath.EndsWith('/') ? address : new Uri(address.GetLeftPart(UriPartial.Path) + "/");
    }

    private async Task<PublishReceipt> SendBatchAsync(BatchWriter batch, PublishReceipt sum, int committed, CancellationToken cancellationToken)
    {
        var body = batch.Take();
        try
        {
            var receipt = await _publisher.SendAsync(() => Request(BatchWriter.Content(body)), cancellationToken).ConfigureAwait(false);
            return new PublishReceipt(sum.Accepted + receipt.Accepted, sum.Duplicates + receipt.Duplicates, receipt.Cursor.Length > 0 ? receipt.Cursor : sum.Cursor);
        }
        catch (SpillwayException e)
        {
            e.CommittedEvents = committed;
            throw;
        }
    }

    private async Task<StreamReceipt> SendStreamAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var request = Request(content);
        return await _publisher.SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private HttpRequestMessage Request(HttpContent content) => new(HttpMethod.Post, new Uri(BaseAddress, "events")) { Content = content };
}
