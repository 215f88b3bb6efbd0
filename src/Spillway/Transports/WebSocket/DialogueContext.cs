using Spillway.Access;
using Spillway.Events;
using Spillway.Hub;

namespace Spillway.Transports.WebSocket;

/// <summary>What all connections' dialogues share.</summary>
internal sealed record DialogueContext(WebSocketOptions Options, TimeProvider Time, Func<int> NextRetry, TransportMetrics Metrics, HubMetrics HubMetrics, AccessJournal Journal)
{
    /// <summary>Judges credentials that clients present later; null: they cannot.</summary>
    public AccessGate? Gate { get; init; }

    /// <summary>What makes text of positions for clients, and reads it.</summary>
    public CursorCodec Cursors { get; init; } = CursorCodec.Plain;

    /// <summary>Told what broke on our side over what a client sent. Not by a loop.</summary>
    public required Action<Exception> CommandFailed { get; init; }
}
