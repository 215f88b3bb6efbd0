namespace Spillway.Delivery;

/// <summary>How events are encoded for connections; each event once per format.</summary>
internal enum WireFormat : byte
{
    /// <summary>Server-Sent Events whose <c>data</c> is the payload.</summary>
    SseRaw = 0,

    /// <summary>Server-Sent Events whose <c>data</c> is the event in JSON.</summary>
    SseJson = 1,

    /// <summary>WebSocket, a text message of JSON each.</summary>
    WebSocketJson = 2,

    /// <summary>WebSocket, a binary message each whose last part is the payload.</summary>
    WebSocketBinary = 3,

    /// <summary>An answer to a poll: entries of one JSON array.</summary>
    Poll = 4,

    /// <summary><see cref="SseRaw"/>, each block in an HTTP chunk of its own: for connections that Kestrel does not write to.</summary>
    SseRawChunked = 5,

    /// <summary><see cref="SseJson"/>, likewise.</summary>
    SseJsonChunked = 6,

    /// <summary><see cref="SseRaw"/> as Mercure has it: ids and delays of the publisher's, where there are any.</summary>
    SseMercure = 7,

    /// <summary><see cref="SseMercure"/>, likewise in chunks.</summary>
    SseMercureChunked = 8,
}
