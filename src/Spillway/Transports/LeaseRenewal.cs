using System.Text;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Transports;

/// <summary>Puts another credential in the place of the one that a connection was opened with. What it asked for then is reduced anew; the stream goes on where it is.</summary>
internal static class LeaseRenewal
{
    private const int Tries = 3; // Somebody else changes the same connection meanwhile.

    /// <summary>Why the credential does not take the other one's place, which then stays; null: it has.</summary>
    /// <param name="live">The connection.</param>
    /// <param name="ticket">What the new credential allows.</param>
    /// <param name="most">How many topics and patterns there may be.</param>
    /// <param name="option">The option that says so.</param>
    /// <param name="answer">Makes what is written on the connection where what is delivered changes, from the position behind which it does.</param>
    public static async ValueTask<Problem?> RenewAsync(LiveSubscription live, AccessTicket ticket, int most, string option, Func<Position, byte[]> answer)
    {
        for (var i = 0; i < Tries; i++)
        {
            if (await live.LookAsync() is not { } view || view.State == ConnectionState.Ending)
            {
                return AccessProblems.UnknownConnection();
            }

            if (view.Lease is not AccessLease { IsForeign: false } lease || !lease.Ticket.IsOfSameHolder(ticket))
            {
                return AccessProblems.UnknownConnection(); // Who it is of is nobody else's business.
            }

            var asked = lease.Asked ?? view.Selectors;
            if (GrantedRequest.Reduce(asked, ticket, most, option, out var granted) is { } problem)
            {
                return problem;
            }

            var next = AccessLease.Of(ticket, asked, granted!)!;
            var renewing = HaveSameNames(granted!, view.Selectors) ? live.RenewAsync(lease, next) : live.ChangeAsync(granted!, answer, lease, next);
            if (renewing is null)
            {
                return Problem.Overloaded("The hub takes no more topics: it has reached Limits:Topics; try again later.");
            }

            switch (await renewing)
            {
                case AskOutcome.Done:
                    return null;
                case AskOutcome.Gone:
                    return AccessProblems.UnknownConnection();
                case AskOutcome.Busy:
                    return Busy();
            }
        }

        return Busy();
    }

    /// <summary>Too much is asked of one connection at once.</summary>
    public static Problem Busy() => Problem.Overloaded("Other changes of this connection are under way, or wait until its client takes what it was sent; try again.");

    private static bool HaveSameNames(SelectorSet one, SelectorSet other) => ReferenceEquals(one, other)
        || (one.Count == other.Count && Names(one).SetEquals(Names(other)));

    // A pattern without a wildcard has a topic's text, and does not say that the stream is over when that has ended.
    private static HashSet<string> Names(SelectorSet set) =>
        new(set.Topics.Select(static topic => "t" + Encoding.UTF8.GetString(topic)).Concat(set.Patterns.Select(static pattern => "p" + pattern.Text)), StringComparer.Ordinal);
}
