namespace Spillway.Cli.Demo;

/// <summary>One value of one sensor.</summary>
/// <param name="Sensor">The sensor's index in the fleet.</param>
/// <param name="Run">Names the numbering that <paramref name="Sequence"/> belongs to.</param>
/// <param name="Sequence">1, 2, 3, … without a hole: by it a subscriber sees whether it missed one.</param>
internal readonly record struct Reading(int Sensor, string Run, long Sequence, double Value, DateTimeOffset Time);
