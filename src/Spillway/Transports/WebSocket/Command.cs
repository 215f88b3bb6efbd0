using Spillway.Events;

namespace Spillway.Transports.WebSocket;

/// <summary>What a client asks for in a message.</summary>
/// <param name="Kind">Its name.</param>
/// <param name="Ref">What names it in the answer, as JSON; null: none.</param>
internal sealed record Command(CommandKind Kind, string? Ref)
{
    public List<string> Topics { get; init; } = [];

    /// <summary>Of a receipt: the event's position, and its number behind that if it is an ephemeral one.</summary>
    public (Position Position, uint Ephemeral) Event { get; set; }

    /// <summary>Of a renewal: the credential. Never logged.</summary>
    public string Token { get; set; } = "";

    public List<TopicPattern> Patterns { get; init; } = [];

    public override string ToString() => Kind.ToString(); // Never its token.
}
