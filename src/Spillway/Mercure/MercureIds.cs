using System.Text;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.Ingress;

namespace Spillway.Mercure;

/// <summary>
/// The ids that publishers give. Those of 0.x are the hub's, whoever gives them: its publishers share a key, a page is handed them, and a subscriber names one, and not whose it is. Those of draft 8 are their publishers' own,
/// as at the hub's other endpoints: events have the hub's ids (P4), and these tell repeats.
/// </summary>
internal static class MercureIds
{
    private const int MostBytes = 512; // Far more than a publisher's id and its mark have.

    /// <summary>What marks those of 0.x.</summary>
    public const string Mark = "mercure";

    /// <summary>Who publishes with a ticket, whose grants were looked at.</summary>
    public static Publisher PublisherOf(MercureTicket ticket) => ticket.Dialect == Dialect.Classic ? Publisher.Marked(Mark) : Publisher.Granted(ticket.Ticket);

    /// <summary>Where the event is to which a publisher of 0.x gave an id, as far as the backplane remembers.</summary>
    public static Position Find(IBackplane backplane, ReadOnlySpan<char> id)
    {
        Span<byte> utf8 = stackalloc byte[MostBytes];
        return Encoding.UTF8.TryGetBytes(ScopedId.Join(Mark, id.ToString()), utf8, out var length) && backplane.TryFindId(utf8[..length], out var position) ? position : default;
    }
}
