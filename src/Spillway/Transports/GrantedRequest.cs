using Spillway.Access;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Transports;

/// <summary>What of a subscription its credential grants. From here on it is a subscription like any other: nothing is asked for each event.</summary>
internal static class GrantedRequest
{
    /// <summary>The request with what is granted, and the lease that this gives it; null and a problem if nothing is, or if there is none already.</summary>
    /// <param name="asked">What was asked for; null: that has a problem.</param>
    /// <param name="ticket">What allows it.</param>
    /// <param name="most">How many topics and patterns there may be.</param>
    /// <param name="option">The option that says so.</param>
    /// <param name="problem">Why there is no request.</param>
    public static SubscriptionRequest? Reduce(SubscriptionRequest? asked, AccessTicket ticket, int most, string option, ref Problem? problem)
    {
        if (asked is null)
        {
            return null;
        }

        most = Math.Max(most, asked.Selectors.Topics.Count + asked.Selectors.Patterns.Count); // What may be asked for is not too many.
        var reduction = ticket.Subscribe.Reduce(asked.Selectors, most);
        if (!reduction.IsGranted)
        {
            problem = AccessProblems.Of(reduction, ticket, most, option);
            return null;
        }

        var lease = AccessLease.Of(ticket, asked.Selectors, reduction.Granted);
        return lease is null ? asked : asked with { Selectors = reduction.Granted, Lease = lease };
    }
}
