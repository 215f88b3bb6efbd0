using Spillway.Hub;

namespace Spillway.Transports.WebSocket;

/// <summary>What all connections' sessions share.</summary>
internal sealed record SessionContext(WebSocketOptions Options, TimeProvider Time, Func<int> NextRetry, TransportMetrics Metrics, HubMetrics HubMetrics);
