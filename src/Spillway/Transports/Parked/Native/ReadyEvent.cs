namespace Spillway.Transports.Parked.Native;

/// <summary>One descriptor that is ready, by the number it was registered with.</summary>
internal readonly record struct ReadyEvent(EpollEvents Events, ulong Data);
