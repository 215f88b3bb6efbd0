using System.IO.Pipelines;
using Spillway.Client.Http;
using Spillway.Client.Subscribing;

namespace Spillway.Client.Sse;

/// <summary>One response of Server-Sent Events.</summary>
internal sealed class SseConnection(HttpClient http, HttpRequestMessage request, SpillwayClientOptions options, int maxEventBytes, CancellationToken cancellationToken)
    : HubConnection(options, cancellationToken)
{
    private const int ReadBytes = 16 * 1024;
    private const string SignalPrefix = "spillway-";

    private HttpResponseMessage? _response;
    private PipeReader? _body;
    private SseReader? _reader;

    public override long? Retry => _reader?.Retry;

    protected override async ValueTask ConnectAsync()
    {
        _response = await HubSender.SendAsync(http, request, Options, Watch.Token).ConfigureAwait(false);
        if (await IsAcceptedAsync(_response, 200, "text/event-stream").ConfigureAwait(false))
        {
            _body = PipeReader.Create(
                await _response.Content.ReadAsStreamAsync(Watch.Token).ConfigureAwait(false), new StreamPipeReaderOptions(bufferSize: ReadBytes));
            _reader = new SseReader(_body, maxEventBytes);
        }
    }

    protected override async ValueTask<Arrival?> NextAsync()
    {
        if (await _reader!.ReadAsync(Watch.Restart, Watch.Token).ConfigureAwait(false) is { } block)
        {
            return Take(block);
        }

        End = new ConnectionEnd(DisconnectReason.StreamEnded, "The hub ended the stream.");
        return null;
    }

    protected override async ValueTask LeaveAsync()
    {
        if (_body is not null)
        {
            await _body.CompleteAsync().ConfigureAwait(false);
        }

        _response?.Dispose();
        request.Dispose();
    }

    private static Arrival Take(in SseBlock block)
    {
        var id = block is { HasId: true, Id.Length: > 0 } ? block.Id : null;
        if (block.Type.StartsWith(SignalPrefix, StringComparison.Ordinal))
        {
            return new Arrival(ArrivalKind.Signal, id, block.Data, block.Type[SignalPrefix.Length..]);
        }

        var kind = block.Oversized ? ArrivalKind.Oversized : block.HasData ? ArrivalKind.Event : ArrivalKind.Position;
        return new Arrival(kind, id, block.Data);
    }
}
