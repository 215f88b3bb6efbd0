namespace Spillway.Transports.Parked;

/// <summary>One socket that is ready, by the number it was registered with.</summary>
internal readonly record struct ReadyEvent(SocketEvents Events, ulong Data);
