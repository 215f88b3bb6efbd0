namespace Spillway.Transports.WebSocket;

/// <summary>Why a WebSocket ended. Those of RFC 6455 (section 7.4.1) and of IANA's registry, and from 4000 on ours (docs/protocol.md, section 4).</summary>
internal enum CloseCode
{
    /// <summary>The client ends it, and gave no other code.</summary>
    Normal = 1000,

    /// <summary>A frame or message that RFC 6455 or docs/protocol.md forbids.</summary>
    ProtocolError = 1002,

    /// <summary>A message that is not text.</summary>
    Unsupported = 1003,

    /// <summary>A text that is not UTF-8.</summary>
    InvalidText = 1007,

    /// <summary>A message that takes longer than is waited.</summary>
    Policy = 1008,

    /// <summary>A message of more bytes than are taken.</summary>
    TooBig = 1009,

    /// <summary>Something broke in the hub.</summary>
    Failed = 1011,

    /// <summary>The hub stops: come back after the delay.</summary>
    Restart = 1012,

    /// <summary>All topics have ended: do not come back.</summary>
    TopicsEnded = 4000,

    /// <summary>It had lived as long as it may: come back after the delay.</summary>
    Lifetime = 4001,

    /// <summary>A rule disconnects slow connections: come back after the delay.</summary>
    Overflow = 4002,

    /// <summary>More commands than are taken: come back after the delay, and send fewer.</summary>
    TooManyCommands = 4003,

    /// <summary>Its credential was good until now: come back with another one.</summary>
    Expired = 4004,

    /// <summary>Its credential was taken back: come back with another one, if at all.</summary>
    Revoked = 4005,

    /// <summary>An operator ends it: come back after the delay.</summary>
    Disconnected = 4006,
}
