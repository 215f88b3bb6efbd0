using Spillway.Access;
using Spillway.Events;
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

        problem = Reduce(asked.Selectors, ticket, most, option, out var granted);
        return problem is not null ? null
            : AccessLease.Of(ticket, asked.Selectors, granted!) is { } lease ? asked with { Selectors = granted!, Lease = lease }
            : asked;
    }

    /// <summary>What of a set is granted; or why nothing is.</summary>
    /// <param name="asked">What is asked for. It may name more than <paramref name="most"/>: then what grants make of it may be as many.</param>
    /// <param name="ticket">What allows it.</param>
    /// <param name="most">How many topics and patterns there may be.</param>
    /// <param name="option">The option that says so.</param>
    /// <param name="granted">The set; the same object, where all of it is granted.</param>
    public static Problem? Reduce(SelectorSet asked, AccessTicket ticket, int most, string option, out SelectorSet? granted)
    {
        most = Math.Max(most, asked.Count);
        var reduction = ticket.Subscribe.Reduce(asked, most);
        granted = reduction.Granted;
        return reduction.IsGranted ? null : AccessProblems.Of(reduction, ticket, most, option);
    }
}
