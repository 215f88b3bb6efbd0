using Spillway.Transports.WebSocket;

namespace Spillway.Transports.Parked;

/// <summary>A WebSocket that is parked. <paramref name="Receipts"/>: its client was asked for some.</summary>
internal sealed record ParkedWebSocket(ReceiptGate? Receipts);
