using System.Net.WebSockets;
using Spillway.Client.Http;
using Spillway.Client.LongPolling;
using Spillway.Client.Sse;
using Spillway.Client.WebSockets;

namespace Spillway.Client.Subscribing;

/// <summary>
/// One connection to the hub, from its request to its end, over any transport. What is expected of a network is a <see cref="ConnectionEnd"/>; only what the hub refuses for good is thrown.
/// </summary>
internal abstract class HubConnection : IAsyncDisposable
{
    private readonly CancellationToken _cancelled;

    protected HubConnection(SpillwayClientOptions options, CancellationToken cancellationToken)
    {
        Options = options;
        _cancelled = cancellationToken;
        Watch = new SilenceWatch(options.TimeProvider, cancellationToken) { Limit = options.RequestTimeout };
    }

    /// <summary>Why the connection is over; null while it is not.</summary>
    public ConnectionEnd? End { get; protected set; }

    /// <summary>The reconnection time that the transport itself last named, in milliseconds; null before.</summary>
    public abstract long? Retry { get; }

    /// <summary>Until the opening: the time for an answer. From then on: two and a half keep-alives.</summary>
    public virtual TimeSpan SilenceLimit
    {
        set => Watch.Limit = value;
    }

    protected SpillwayClientOptions Options { get; }

    protected SilenceWatch Watch { get; }

    /// <summary>A connection over the subscription's transport, which begins where <paramref name="progress"/> is.</summary>
    public static HubConnection Create(
        HttpClient http, Uri baseAddress, SpillwayClientOptions options, SubscribeOptions subscription, StreamProgress progress, CancellationToken cancellationToken)
    {
        var most = subscription.MaxEventBytes;
        return subscription.Transport switch
        {
            Transport.WebSocket => new WebSocketConnection(http, SubscribeRequest.CreateWebSocket(baseAddress, subscription, progress.Cursor), options, most, cancellationToken),
            Transport.LongPolling => new PollConnection(http, wait => SubscribeRequest.CreatePoll(baseAddress, subscription, progress.Cursor, wait), options, most, cancellationToken),
            _ => new SseConnection(http, SubscribeRequest.CreateSse(baseAddress, subscription, progress.Cursor), options, most, cancellationToken),
        };
    }

    /// <summary>Sends the request and judges the answer's head; false if the connection is over.</summary>
    public async ValueTask<bool> OpenAsync()
    {
        Watch.Restart();
        try
        {
            await ConnectAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfTheNetwork(e))
        {
            End = Explain(e);
        }

        return End is null;
    }

    /// <summary>What comes next; null once the connection is over, and <see cref="End"/> says why.</summary>
    public async ValueTask<Arrival?> ReadAsync()
    {
        Watch.Restart();
        try
        {
            return await NextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfTheNetwork(e))
        {
            End = Explain(e);
            return null;
        }
        finally
        {
            Watch.Pause();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync().ConfigureAwait(false);
        Watch.Dispose();
    }

    protected abstract ValueTask ConnectAsync();

    /// <summary>What comes next; null at the end, with <see cref="End"/> set.</summary>
    protected abstract ValueTask<Arrival?> NextAsync();

    protected abstract ValueTask LeaveAsync();

    /// <summary>True: the answer is the one that was asked for. Else the connection is over; what will be refused again is thrown.</summary>
    protected async ValueTask<bool> IsAcceptedAsync(HttpResponseMessage response, int wanted, string? mediaType = null)
    {
        var status = (int)response.StatusCode;
        var given = response.Content.Headers.ContentType?.MediaType;
        if (status == wanted && (mediaType is null || given == mediaType))
        {
            return true;
        }

        if (status == 204)
        {
            End = new ConnectionEnd(DisconnectReason.StreamEnded, "All topics have ended.") { NothingFollows = true };
            return false;
        }

        if (status < 300)
        {
            var (what, instead) = mediaType is null ? ($"{status}", "of opening a WebSocket; check the hub's address, and that nothing on the way strips WebSockets off") : ($"with {given ?? "no content type"}", $"of {mediaType}; check the hub's address");
            throw new SpillwayException(status, "", "", $"The server at {response.RequestMessage?.RequestUri} answered {what} instead {instead}.");
        }

        var refusal = await Problem.ReadAsync(response, Watch.Token).ConfigureAwait(false);
        End = Backoff.MaySubscribeAgain(status)
            ? new ConnectionEnd(DisconnectReason.Refused, refusal.Message) { RetryAfter = Backoff.RetryAfter(response, Options.TimeProvider) }
            : throw refusal;
        return false;
    }

    private static bool IsOfTheNetwork(Exception e) => e is HttpRequestException or IOException or OperationCanceledException or WebSocketException;

    /// <summary>A cancellation that the reader did not ask for is a time limit: the watch's, or the HttpClient's own.</summary>
    private ConnectionEnd Explain(Exception e)
    {
        _cancelled.ThrowIfCancellationRequested(); // A cancelled read may surface as a broken connection too.
        return e is OperationCanceledException || Watch.Fired
            ? new ConnectionEnd(DisconnectReason.Silent, $"No byte came from the hub for {Watch.Limit.TotalSeconds:0.#} s.")
            : new ConnectionEnd(DisconnectReason.Network, e.Message.TrimEnd('.') + ".");
    }
}
