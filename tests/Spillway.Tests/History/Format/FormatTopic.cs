namespace Spillway.Tests.History.Format;

/// <summary>What a sidecar says of a topic.</summary>
internal sealed record FormatTopic(string Name, int PublicEvents, int PrivateEvents, long NewestTime, int[] Records);
