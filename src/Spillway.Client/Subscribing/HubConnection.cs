using System.IO.Pipelines;
using Spillway.Client.Http;
using Spillway.Client.Sse;

namespace Spillway.Client.Subscribing;

/// <summary>One response of the hub, from its request to its end. What is expected of a network is a <see cref="ConnectionEnd"/>; only what the hub refuses for good is thrown.</summary>
internal sealed class HubConnection : IDisposable
{
    private const int ReadBytes = 16 * 1024;

    private readonly SpillwayClientOptions _options;
    private readonly CancellationToken _cancelled;
    private readonly SilenceWatch _watch;
    private HttpResponseMessage? _response;
    private PipeReader? _body;
    private SseReader? _reader;

    public HubConnection(SpillwayClientOptions options, CancellationToken cancellationToken)
    {
        _options = options;
        _cancelled = cancellationToken;
        _watch = new SilenceWatch(options.TimeProvider, cancellationToken) { Limit = options.RequestTimeout };
    }

    /// <summary>Why the connection is over; null while it is not.</summary>
    public ConnectionEnd? End { get; private set; }

    /// <summary>The reconnection time that the stream last named, in milliseconds; null before.</summary>
    public long? Retry => _reader?.Retry;

    /// <summary>Until the opening block: the time for an answer. From then on: two and a half keep-alives.</summary>
    public TimeSpan SilenceLimit
    {
        set => _watch.Limit = value;
    }

    /// <summary>Sends the request and judges the answer's head; false if the connection is over.</summary>
    public async ValueTask<bool> OpenAsync(HttpClient http, HttpRequestMessage request, int maxEventBytes)
    {
        _watch.Restart();
        try
        {
            _response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, _watch.Token).ConfigureAwait(false);
            await JudgeAsync(_response).ConfigureAwait(false);
            if (End is null)
            {
                _body = PipeReader.Create(
                    await _response.Content.ReadAsStreamAsync(_watch.Token).ConfigureAwait(false), new StreamPipeReaderOptions(bufferSize: ReadBytes));
                _reader = new SseReader(_body, maxEventBytes);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            End = Explain(e);
        }

        return End is null;
    }

    /// <summary>The next block; null once the connection is over, and <see cref="End"/> says why.</summary>
    public async ValueTask<SseBlock?> ReadAsync()
    {
        _watch.Restart();
        try
        {
            var block = await _reader!.ReadAsync(_watch.Restart, _watch.Token).ConfigureAwait(false);
            End = block is null ? new ConnectionEnd(DisconnectReason.StreamEnded, "The hub ended the stream.") : null;
            return block;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            End = Explain(e);
            return null;
        }
        finally
        {
            _watch.Pause();
        }
    }

    public void Dispose()
    {
        _body?.Complete();
        _response?.Dispose();
        _watch.Dispose();
    }

    private async ValueTask JudgeAsync(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var mediaType = response.Content.Headers.ContentType?.MediaType;
        if (status == 200 && mediaType == "text/event-stream")
        {
            return;
        }

        if (status == 204)
        {
            End = new ConnectionEnd(DisconnectReason.StreamEnded, "All topics have ended.") { NothingFollows = true };
            return;
        }

        if (status == 200)
        {
            throw new SpillwayException(
                status, "", "", $"The server at {response.RequestMessage?.RequestUri} answered with {mediaType ?? "no content type"} instead of text/event-stream; check the hub's address.");
        }

        var refusal = await Problem.ReadAsync(response, _watch.Token).ConfigureAwait(false);
        End = Backoff.MaySubscribeAgain(status)
            ? new ConnectionEnd(DisconnectReason.Refused, refusal.Message) { RetryAfter = Backoff.RetryAfter(response, _options.TimeProvider) }
            : throw refusal;
    }

    /// <summary>A cancellation that the reader did not ask for is a time limit: the watch's, or the HttpClient's own.</summary>
    private ConnectionEnd Explain(Exception e)
    {
        _cancelled.ThrowIfCancellationRequested(); // A cancelled read may surface as a broken connection too.
        return e is OperationCanceledException || _watch.Fired
            ? new ConnectionEnd(DisconnectReason.Silent, $"No byte came from the hub for {_watch.Limit.TotalSeconds:0.#} s.")
            : new ConnectionEnd(DisconnectReason.Network, e.Message.TrimEnd('.') + ".");
    }
}
