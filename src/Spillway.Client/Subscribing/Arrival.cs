namespace Spillway.Client.Subscribing;

/// <summary>One thing that a connection delivered, whatever its transport.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">The position it names; null: none.</param>
/// <param name="Data">A signal's or an event's bytes; valid until the connection is read on.</param>
/// <param name="Name">A signal's name, without <c>spillway-</c>.</param>
internal readonly record struct Arrival(ArrivalKind Kind, string? Id, ReadOnlyMemory<byte> Data, string Name = "");
