namespace Spillway.Client;

/// <summary>How a subscription travels. Events, order, cursors, gaps and starting points are the same on all three.</summary>
public enum Transport
{
    /// <summary>Server-Sent Events: one long response. Works wherever HTTP does, as long as nothing on the way holds responses back.</summary>
    Sse,

    /// <summary>A WebSocket, with payloads as they were published, byte for byte. It takes at most 100 topics and patterns: they stand in the request's URL.</summary>
    WebSocket,

    /// <summary>
    /// Requests that wait for events, one after the other: for networks that hold long responses back. Each answer costs a request, and an event of a topic without history that comes between two
    /// requests is missed without a <see cref="GapNotice"/>, as by every subscriber that is not connected.
    /// </summary>
    LongPolling,
}
