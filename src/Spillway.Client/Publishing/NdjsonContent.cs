using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Spillway.Client.Publishing;

/// <summary>Events written one a line as they come. What was written goes out whenever the next event is not there yet.</summary>
internal sealed class NdjsonContent : HttpContent
{
    private const int FlushBytes = 64 * 1024;

    private readonly IAsyncEnumerable<OutgoingEvent> _events;
    private readonly CancellationToken _cancelled;
    private bool _sent;

    public NdjsonContent(IAsyncEnumerable<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        _events = events;
        _cancelled = cancellationToken;
        Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, _cancelled);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // A redirect or a stale connection may ask for the body again; the events are gone by then.
        if (_sent)
        {
            throw new HttpRequestException("The stream of events cannot be sent a second time.");
        }

        _sent = true;
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, EventWriter.Options);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false); // The hub may answer before the first event.
        var events = _events.GetAsyncEnumerator(cancellationToken);
        await using (events.ConfigureAwait(false))
        {
            while (true)
            {
                var next = events.MoveNextAsync();
                if (buffer.WrittenCount >= FlushBytes || (buffer.WrittenCount > 0 && !next.IsCompleted))
                {
                    await SendAsync(stream, buffer, cancellationToken).ConfigureAwait(false);
                }

                if (!await next.ConfigureAwait(false))
                {
                    break;
                }

                WriteLine(writer, buffer, events.Current);
            }
        }

        await SendAsync(stream, buffer, cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private static void WriteLine(Utf8JsonWriter writer, ArrayBufferWriter<byte> buffer, OutgoingEvent source)
    {
        EventWriter.Write(writer, source, source.Id);
        writer.Flush();
        writer.Reset(buffer);
        buffer.Write("\n"u8);
    }

    private static async ValueTask SendAsync(Stream stream, ArrayBufferWriter<byte> buffer, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        buffer.ResetWrittenCount();
    }
}
