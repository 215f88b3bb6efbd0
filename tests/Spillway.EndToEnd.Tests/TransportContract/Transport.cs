namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>The ways in which a subscriber may get the same events.</summary>
public enum Transport
{
    /// <summary>Server-Sent Events whose data is the payload.</summary>
    SseRaw,

    /// <summary>Server-Sent Events whose data is the event in JSON.</summary>
    SseJson,

    /// <summary>WebSocket, subprotocol <c>spillway.v1.json</c>.</summary>
    WebSocketJson,

    /// <summary>WebSocket, subprotocol <c>spillway.v1.binary</c>.</summary>
    WebSocketBinary,

    /// <summary>One request after the other, each answered with what came.</summary>
    LongPolling,
}
