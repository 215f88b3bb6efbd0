namespace Spillway.Cli.Demo;

/// <summary>A sensor reached its limit, or came back from it.</summary>
/// <param name="Sensor">The sensor's index in the fleet.</param>
/// <param name="Raised">Whether the alert begins or ends.</param>
/// <param name="Value">The value that began or ended it.</param>
/// <param name="Peak">The highest value since it began.</param>
/// <param name="Since">When it began.</param>
/// <param name="Reading">The reading's number.</param>
internal readonly record struct Alert(int Sensor, bool Raised, double Value, double Peak, DateTimeOffset Since, DateTimeOffset Time, string Run, long Reading);
