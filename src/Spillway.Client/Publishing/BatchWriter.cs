using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Spillway.Client.Publishing;

/// <summary>Gathers events into the body of one batch.</summary>
internal sealed class BatchWriter(SpillwayClientOptions options)
{
    private const int Punctuation = 2; // A bracket or comma before each event, a bracket at the end.

    private readonly ArrayBufferWriter<byte> _event = new();
    private readonly ArrayBufferWriter<byte> _body = new();

    /// <summary>How many events the body holds.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an event; false if it does not fit any more. An empty body takes every event, however long: the hub judges it.</summary>
    public bool TryAdd(OutgoingEvent source)
    {
        _event.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_event, EventWriter.Options))
        {
            EventWriter.Write(writer, source, source.Id ?? EventId.Create(options.TimeProvider));
        }

        if (Count > 0 && (Count == options.MaxBatchEvents || _body.WrittenCount + _event.WrittenCount + Punctuation > options.MaxBatchBytes))
        {
            return false;
        }

        _body.Write(Count == 0 ? "["u8 : ","u8);
        _body.Write(_event.WrittenSpan);
        Count++;
        return true;
    }

    /// <summary>The body so far; the writer begins anew.</summary>
    public byte[] Take()
    {
        _body.Write("]"u8);
        var body = _body.WrittenSpan.ToArray();
        _body.ResetWrittenCount();
        Count = 0;
        return body;
    }

    public static ByteArrayContent Content(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }
}
