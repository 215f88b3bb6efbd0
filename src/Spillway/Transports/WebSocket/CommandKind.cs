namespace Spillway.Transports.WebSocket;

/// <summary>The commands of docs/protocol.md, section 4.</summary>
internal enum CommandKind
{
    Subscribe,
    Unsubscribe,
    Ping,

    /// <summary>The client has processed an event.</summary>
    Receipt,

    /// <summary>Another credential takes the place of the one that the connection was opened with.</summary>
    Token,
}
