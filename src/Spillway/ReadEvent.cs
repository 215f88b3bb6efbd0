using Spillway.Events;

namespace Spillway;

/// <summary>What a reader comes to: an event, or a gap where events are missing.</summary>
/// <param name="Cursor">The position behind it: a reader that begins after it goes on with what follows.</param>
/// <param name="Time">When the hub took the event in; of a gap, when it was found.</param>
/// <param name="Event">The event; null where there is a gap.</param>
/// <param name="Gap">What is missing; null where there is an event.</param>
public sealed record ReadEvent(string Cursor, DateTimeOffset Time, PushEvent? Event, ReadGap? Gap = null);
