using Spillway.Events;

namespace Spillway.Tests.History.Format;

/// <summary>A record as it was given to the history.</summary>
internal sealed record WrittenRecord(PushEvent Event, long Offset, long Time, EventFlags Extra, byte GoesOn, ushort Place);
