using Spillway.Access;
using Spillway.Events;

namespace Spillway.Transports.WebSocket;

/// <summary>What a client of a WebSocket may subscribe to, and what it asked for. Nobody else looks while it is changed: one command runs at a time.</summary>
/// <param name="ticket">What allows it.</param>
internal sealed class SocketAccess(AccessTicket ticket)
{
    /// <summary>Of everybody on an open hub. Nothing is ever reduced there, so nothing is ever changed in it.</summary>
    public static SocketAccess Open { get; } = new(AccessTicket.Everything);

    public AccessTicket Ticket => ticket;

    /// <summary>What the client asked for, by which it unsubscribes; null where that is just what it is subscribed to.</summary>
    public SelectorSet? Asked { get; set; }

    public bool IsOpen => ReferenceEquals(this, Open);

    /// <param name="ticket">What allows it.</param>
    /// <param name="asked">What the client asked for.</param>
    /// <param name="granted">What it is subscribed to.</param>
    public static SocketAccess Of(AccessTicket ticket, SelectorSet asked, SelectorSet granted) =>
        ReferenceEquals(ticket, AccessTicket.Everything) ? Open : new SocketAccess(ticket) { Asked = ReferenceEquals(asked, granted) ? null : asked };
}
