namespace Spillway.Transports.Parked;

/// <summary>Why a connection stays with the web server though parking is on. Counted under these names.</summary>
internal enum Hindrance : byte
{
    /// <summary>It is not HTTP/1.x.</summary>
    Protocol,

    /// <summary>It came in by no socket of ours: a Unix domain socket, or another listener.</summary>
    Listener,

    /// <summary>A middleware stands between the endpoint and what the client gets.</summary>
    Middleware,

    /// <summary>TLS, or another filter, stands between the socket and the web server; or the client has left.</summary>
    Connection,
}
