namespace Spillway.EndToEnd.Tests;

/// <summary>Whose sockets are below a hub.</summary>
public enum HostSockets
{
    /// <summary>Kestrel's own: nothing is parked.</summary>
    Kestrel,

    /// <summary>Spillway's, by the calls of Linux.</summary>
    Native,

    /// <summary>Spillway's, by those of .NET.</summary>
    Managed,
}
