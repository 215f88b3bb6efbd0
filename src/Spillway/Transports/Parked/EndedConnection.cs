using Spillway.Delivery;

namespace Spillway.Transports.Parked;

/// <summary>What is told of a parked connection that has ended.</summary>
internal readonly record struct EndedConnection(ulong Id, CloseReason Reason, long Bytes, long Opened, long Offset, WireFormat Format);
