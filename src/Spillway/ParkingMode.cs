namespace Spillway;

/// <summary>Whether connections leave the web server once their response has begun.</summary>
public enum ParkingMode
{
    /// <summary>Where they can: SSE and WebSocket over HTTP/1.x in plain text. By Linux's own calls on 64-bit Linux, elsewhere as <see cref="ManagedSocket"/>.</summary>
    Auto,

    /// <summary>Never: all stay with the web server.</summary>
    Off,

    /// <summary>Where they can, by .NET's sockets alone: they take more memory a connection, and run wherever .NET does.</summary>
    ManagedSocket,
}
