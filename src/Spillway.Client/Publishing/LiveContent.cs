using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;

namespace Spillway.Client.Publishing;

/// <summary>A body copied from a stream as its bytes come, each read flushed: a line typed at a terminal goes out at once.</summary>
internal sealed class LiveContent : HttpContent
{
    private const int ReadBytes = 64 * 1024;

    private readonly PipeReader _source;
    private readonly CancellationToken _cancelled;
    private bool _sent;

    public LiveContent(Stream source, string contentType, CancellationToken cancellationToken)
    {
        _source = PipeReader.Create(source, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true));
        _cancelled = cancellationToken;
        Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, _cancelled);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_sent)
        {
            throw new HttpRequestException("The stream cannot be sent a second time.");
        }

        _sent = true;
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false); // The hub may answer before the first byte.
        ReadResult read;
        do
        {
            read = await _source.ReadAsync(cancellationToken).ConfigureAwait(false);
            foreach (var memory in read.Buffer)
            {
                await stream.WriteAsync(memory, cancellationToken).ConfigureAwait(false);
            }

            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            _source.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
