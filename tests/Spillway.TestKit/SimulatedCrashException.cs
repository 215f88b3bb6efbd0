namespace Spillway.TestKit;

/// <summary>The process is dead, or the power is off: nothing that it still does reaches the disk. No <see cref="IOException"/>, which code may take for a fault to live with.</summary>
internal sealed class SimulatedCrashException() : Exception("The simulated process is dead.");
