using System.Text;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.History;
using Spillway.Ingress;

namespace Spillway.Mercure;

/// <summary>
/// The ids that publishers give. They tell repeats, each publisher's its own, as at the hub's other endpoints. Those of 0.x are also the events' names: a page is handed them, and a subscriber asks for one, and does not say
/// whose it is. Events of draft 8 have the hub's ids alone (P4).
/// </summary>
internal static class MercureIds
{
    /// <summary>The events of one name that are looked at, the first ones: each is read from history in the request that asks.</summary>
    public const int MostNamesakes = 100;

    private const string Space = "mercure";

    private static readonly byte[] SpaceUtf8 = Encoding.ASCII.GetBytes(Space);

    /// <summary>Who publishes with a ticket, whose grants were looked at.</summary>
    /// <param name="ticket">The ticket.</param>
    /// <param name="dialect">What is spoken with them.</param>
    public static Publisher PublisherOf(MercureTicket ticket, Dialect dialect) => Publisher.Granted(ticket.Ticket, dialect == Dialect.Classic ? Space : "");

    /// <summary>Whether an id, as a record has it, was given by a publisher of 0.x.</summary>
    public static bool IsName(ReadOnlySpan<byte> id) => ScopedId.SpaceOf(id).SequenceEqual(SpaceUtf8);

    /// <summary>
    /// Where the first event is that has this name and may be seen, as far as the backplane remembers and of the first <see cref="MostNamesakes"/>. What somebody must not see is not found for them: or they could ask whether it is there.
    /// </summary>
    public static Position Find(IBackplane backplane, string name, MercureGrants grants)
    {
        var history = backplane.History;
        foreach (var position in backplane.FindNamed(SpaceUtf8, Encoding.UTF8.GetBytes(name), MostNamesakes))
        {
            if (position.Offset > history.Tail && position.Offset <= history.Head && (grants.AllowsAll || IsVisible(history.Read(SelectorSet.Everything, position.Offset - 1, position.Offset, maxBytes: 1), grants)))
            {
                return position;
            }
        }

        return default;
    }

    // What a rule has taken shows nobody any more whose it was.
    private static bool IsVisible(HistoryPage page, MercureGrants grants) => !page.Records.IsEmpty && grants.AllowsSeeing(new EventRecord(page.Records.Span));
}
