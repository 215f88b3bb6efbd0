namespace Spillway.Client;

/// <summary>Why a connection ended, or an attempt failed.</summary>
public enum DisconnectReason
{
    /// <summary>The network failed: the connection was cut, refused, or never made.</summary>
    Network,

    /// <summary>The hub ended the stream without a word.</summary>
    StreamEnded,

    /// <summary>The hub said that it ends the stream, because it stops or because the connection had lived long enough.</summary>
    Drain,

    /// <summary>No byte came for two and a half keep-alives, or no answer in time.</summary>
    Silent,

    /// <summary>The hub answered that it cannot serve the subscription now.</summary>
    Refused,
}
