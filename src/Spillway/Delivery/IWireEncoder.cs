using System.Buffers;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Turns events and signals into one wire format's bytes. Deterministic: the same record gives the same bytes, so a cut event can be encoded again.</summary>
/// <remarks>Stateless and safe for any number of threads. Signals are written to a connection by its loop, between events.</remarks>
internal interface IWireEncoder
{
    WireFormat Format { get; }

    /// <summary>One event, its id included. Nothing for a marker.</summary>
    void WriteEvent(in EventRecord record, ulong epoch, IBufferWriter<byte> output);

    /// <summary>A keep-alive that moves no cursor.</summary>
    void WriteKeepAlive(IBufferWriter<byte> output);

    /// <summary>Changes how long the subscriber waits before it reconnects; may stand before any block, and takes effect at once.</summary>
    void WriteRetry(int milliseconds, IBufferWriter<byte> output);

    /// <summary>Moves the subscriber's cursor to a position before which it missed nothing.</summary>
    void WriteCursor(Position position, IBufferWriter<byte> output);

    /// <summary>Tells a gap; <paramref name="before"/> is the last position delivered before it.</summary>
    void WriteGap(Position before, in Gap gap, IBufferWriter<byte> output);

    /// <summary>Tells a connection that it does not keep up, and by how many events where that is known; <paramref name="before"/> is the last position delivered.</summary>
    void WriteSlow(Position before, long? backlog, IBufferWriter<byte> output);

    /// <summary>Tells that what allows the connection is about to run out; <paramref name="before"/> is the last position delivered.</summary>
    void WriteAuthExpiring(Position before, DateTimeOffset expires, TimeSpan left, IBufferWriter<byte> output);

    /// <summary>Tells that the stream ends next and that a reconnect should wait.</summary>
    void WriteDrain(string reason, int retryMilliseconds, IBufferWriter<byte> output);

    /// <summary>What ends the transport's own protocol, behind all signals; nothing where the end of the response says it.</summary>
    void WriteClose(CloseReason reason, int retryMilliseconds, IBufferWriter<byte> output);

    /// <summary>Tells that all topics have ended and that the stream ends next.</summary>
    void WriteEnd(IBufferWriter<byte> output);
}
