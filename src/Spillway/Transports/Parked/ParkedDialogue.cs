using Spillway.Transports.WebSocket;

namespace Spillway.Transports.Parked;

/// <summary>A client of a WebSocket that is in the midst of something: a frame or a message has come in part, or what it asked for is under way.</summary>
internal sealed class ParkedDialogue(Dialogue dialogue, bool isKept)
{
    private MessageClock _clock;

    public Dialogue Dialogue => dialogue;

    /// <summary>Whether it is kept also when nothing is under way: it counts the client's receipts.</summary>
    public bool IsKept => isKept;

    /// <summary>How long a message has been coming.</summary>
    public ref MessageClock Clock => ref _clock;

    /// <summary>The clock's timestamp since which it is not read, because what it asked for is under way.</summary>
    public long Paused { get; set; }

    /// <summary>What was read and waits until what is under way is done: less than one read, or what came with the request.</summary>
    public ReadOnlyMemory<byte> Rest { get; set; }
}
