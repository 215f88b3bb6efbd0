using Spillway.Transports.WebSocket;

namespace Spillway.Transports.Parked;

/// <summary>A WebSocket that is parked.</summary>
/// <param name="Receipts">Null: its client was not asked for any.</param>
internal sealed record ParkedWebSocket(ReceiptGate? Receipts);
