using Spillway.Client.Http;

namespace Spillway.Client.Publishing;

/// <summary>Sends publish requests, again where that is harmless: every event in them has an id, and a hub adds the same id once.</summary>
internal sealed class Publisher(HttpClient http, SpillwayClientOptions options)
{
    /// <summary>Sends a request until it is answered for good, at most as often as the options say.</summary>
    public async Task<StreamReceipt> SendAsync(Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (receipt, failure, retryAfter) = await TrySendAsync(create, cancellationToken).ConfigureAwait(false);
            if (receipt is not null)
            {
                return receipt;
            }

            if (attempt >= options.PublishAttempts)
            {
                throw failure!;
            }

            ClientMetrics.PublishRetries.Add(1);
            await Task.Delay(Backoff.Delay(options, attempt, retryAfter), options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a request whose body can be read only once.</summary>
    public async Task<StreamReceipt> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            Complete(request);
            using var response = await HubSender.SendAsync(http, request, options, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(response, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new SpillwayException($"The connection to {request.RequestUri} failed, and with it the stream: {e.Message.TrimEnd('.')}. Some of its events may have been committed; those with an id can be published again.", e);
        }
    }

    /// <summary>A receipt, or a failure after which another attempt may help; every other failure is thrown.</summary>
    private async Task<(StreamReceipt? Receipt, SpillwayException? Failure, TimeSpan RetryAfter)> TrySendAsync(
        Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.RequestTimeout, options.TimeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = create();
        Complete(request);
        try
        {
            using var response = await HubSender.SendAsync(http, request, options, both.Token).ConfigureAwait(false);
            if (Backoff.MayPublishAgain((int)response.StatusCode))
            {
                return (null, await Problem.ReadAsync(response, both.Token).ConfigureAwait(false), Backoff.RetryAfter(response, options.TimeProvider));
            }

            return (await ReadAsync(response, both.Token).ConfigureAwait(false), null, TimeSpan.Zero);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var what = e is OperationCanceledException ? $"no answer came within {options.RequestTimeout.TotalSeconds:0.#} s." : e.Message.TrimEnd('.') + ".";
            return (null, new SpillwayException($"The hub at {request.RequestUri?.GetLeftPart(UriPartial.Authority)} could not be reached: {what}", e), TimeSpan.Zero);
        }
    }

    private void Complete(HttpRequestMessage request)
    {
        request.Headers.TryAddWithoutValidation(ClientHeader.Name, ClientHeader.Value);
        if (options.Commit is { } level)
        {
            request.RequestUri = new Uri($"{request.RequestUri}?commit={level.ToString().ToLowerInvariant()}");
        }
    }

    private static async Task<StreamReceipt> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if ((int)response.StatusCode is not (200 or 202))
        {
            throw await Problem.ReadAsync(response, cancellationToken).ConfigureAwait(false);
        }

        return ReceiptReader.Read(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
    }
}
