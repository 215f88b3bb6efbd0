namespace Spillway;

/// <summary>Whether connections leave the web server once their response has begun.</summary>
public enum ParkingMode
{
    /// <summary>Where they can: SSE and WebSocket over HTTP/1.x in plain text, on Linux.</summary>
    Auto,

    /// <summary>Never: all stay with the web server.</summary>
    Off,
}
