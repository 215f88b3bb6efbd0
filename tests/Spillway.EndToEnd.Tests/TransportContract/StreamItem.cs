namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>What a stream holds, whatever carries it: an event or a signal.</summary>
/// <param name="Id">Where a subscriber that has it would resume.</param>
internal abstract record StreamItem(string Id);
