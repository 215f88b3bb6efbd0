using System.Buffers;
using Spillway.Events;

namespace Spillway.Transports.Sse;

/// <summary>The first block of a stream: when to come back, from where, and what the hub says of the connection.</summary>
internal static class OpeningBlock
{
    /// <summary>With signals off, delay and id only: an EventSource moves its cursor by them and shows nothing.</summary>
    public static void Write(IBufferWriter<byte> output, int retryMilliseconds, Position resume, bool signals, string connectionId, TimeSpan keepAlive, CursorCodec cursors)
    {
        var block = new BlockWriter(output, 192);
        SseEncoder.WriteRetry(retryMilliseconds, ref block);
        SseEncoder.WriteId(resume, cursors, ref block);
        if (signals)
        {
            block.Write("event: spillway-open\ndata: {"u8);
            SignalJson.WriteOpen(connectionId, keepAlive, retryMilliseconds, ref block);
            block.Write("}\n"u8);
        }

        block.Write("\n"u8);
        block.Commit();
    }

    /// <summary>All that a client gets when the hub is full, or not ready: come back later. Any status but 200 would end an EventSource for good.</summary>
    public static void WriteComeBack(IBufferWriter<byte> output, int retryMilliseconds)
    {
        var block = new BlockWriter(output, 32);
        SseEncoder.WriteRetry(retryMilliseconds, ref block);
        block.Write("\n"u8);
        block.Commit();
    }
}
