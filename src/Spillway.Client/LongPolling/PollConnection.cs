using System.IO.Pipelines;
using System.Text;
using Spillway.Client.Http;
using Spillway.Client.Subscribing;

namespace Spillway.Client.LongPolling;

/// <summary>
/// Polls, one after the other, for as long as they succeed. The first does not wait, so that a reader learns at once whether the hub takes the subscription. Nothing is asked for while the reader
/// is busy with what came.
/// </summary>
internal sealed class PollConnection(HttpClient http, Func<int, HttpRequestMessage> createRequest, SpillwayClientOptions options, int maxEventBytes, CancellationToken cancellationToken)
    : HubConnection(options, cancellationToken)
{
    private const int WaitSeconds = 25; // Below the 30 s after which some proxies give up on a silent server.
    private const double WaitsOfSilence = 1.5;
    private const int ReadBytes = 16 * 1024;

    // An empty answer should have taken its time. One that did not comes from something on the way, or from a clock that jumped: asking again at once could go on for ever.
    private static readonly TimeSpan Suspicious = TimeSpan.FromSeconds(1);

    private PollAnswer? _answer;
    private Arrival? _first;
    private bool _opened;
    private bool _waited;
    private long _askedAt;

    public override long? Retry => null;

    /// <summary>A poll has a time of its own.</summary>
    public override TimeSpan SilenceLimit
    {
        set => Watch.Limit = TimeSpan.FromSeconds(WaitSeconds * WaitsOfSilence);
    }

    private static ReadOnlyMemory<byte> Opening { get; } = Encoding.UTF8.GetBytes($"{{\"keepAlive\":{WaitSeconds},\"retry\":0}}");

    protected override ValueTask ConnectAsync() => AskAsync(0);

    protected override async ValueTask<Arrival?> NextAsync()
    {
        if (_first is { } held)
        {
            _first = null;
            return held;
        }

        while (End is null)
        {
            if (await _answer!.NextAsync(Watch.Restart, Watch.Token).ConfigureAwait(false) is { } arrival)
            {
                return _opened ? arrival : Begin(arrival);
            }

            End = Judge(_answer);
            if (End is null)
            {
                await PauseAsync(_answer).ConfigureAwait(false);
                _answer.Dispose();
                _answer = null;
                await AskAsync(WaitSeconds).ConfigureAwait(false);
            }
        }

        return null;
    }

    protected override ValueTask LeaveAsync()
    {
        _answer?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Of the first answer only the first thing is known: where nothing has happened yet, that is the position from which the stream goes on.</summary>
    private Arrival Begin(in Arrival first)
    {
        _opened = true;
        _first = first;
        return new Arrival(ArrivalKind.Signal, first.Kind == ArrivalKind.Position ? first.Id : null, Opening, "open");
    }

    /// <summary>Why no other poll follows an answer; null if one does.</summary>
    private static ConnectionEnd? Judge(PollAnswer answer) => answer switch
    {
        { IsCut: true } => new ConnectionEnd(DisconnectReason.StreamEnded, "The hub ended an answer in its middle."),
        { Retry: { } retry } => new ConnectionEnd(DisconnectReason.Drain, "The hub asked to connect again: it stops.") { RetryAfter = retry },
        _ => null,
    };

    /// <summary>Waits where an answer that should have taken its time did not.</summary>
    private async ValueTask PauseAsync(PollAnswer answer)
    {
        if (_waited && answer is { HadEntries: false, HasMore: false } && Options.TimeProvider.GetElapsedTime(_askedAt) < Suspicious)
        {
            Watch.Pause();
            await Task.Delay(Options.RetryDelay * Options.NextRandom(), Options.TimeProvider, Watch.Token).ConfigureAwait(false);
        }
    }

    private async ValueTask AskAsync(int wait)
    {
        Watch.Restart();
        (_waited, _askedAt) = (wait > 0, Options.TimeProvider.GetTimestamp());
        using var request = createRequest(wait);
        var response = await HubSender.SendAsync(http, request, Options, Watch.Token).ConfigureAwait(false);
        try
        {
            if (await IsAcceptedAsync(response, 200, "application/json").ConfigureAwait(false))
            {
                var body = await response.Content.ReadAsStreamAsync(Watch.Token).ConfigureAwait(false);
                _answer = new PollAnswer(response, PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: ReadBytes)), maxEventBytes);
            }
        }
        finally
        {
            if (_answer is null)
            {
                response.Dispose();
            }
        }
    }
}
