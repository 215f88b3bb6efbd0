using Spillway.Access;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Transports;

/// <summary>The lease of a connection where credentials count: what allows it, and what its client asked for.</summary>
/// <param name="ticket">What allows it.</param>
/// <param name="asked">What the client asked for, by which it unsubscribes, and of which another ticket may allow more; null where that is just what it is subscribed to.</param>
internal class AccessLease(AccessTicket ticket, SelectorSet? asked) : Lease
{
    public AccessTicket Ticket => ticket;

    public SelectorSet? Asked => asked;

    /// <summary>Whether its terms are in the words of another protocol, so that no credential of the hub's own may take its place.</summary>
    public bool IsForeign { get; init; }

    public override DateTimeOffset? Expires => ticket.Expires;

    public override bool IsRevoked => ticket.IsRevoked;

    /// <summary>The lease of who subscribes; none on an open hub, where nothing is ever reduced.</summary>
    /// <param name="ticket">What allows it.</param>
    /// <param name="asked">What is asked for.</param>
    /// <param name="granted">What of that is granted: the same object, where all is.</param>
    public static AccessLease? Of(AccessTicket ticket, SelectorSet asked, SelectorSet granted) =>
        ReferenceEquals(ticket, AccessTicket.Everything) ? null : new AccessLease(ticket, ReferenceEquals(asked, granted) ? null : asked);
}
