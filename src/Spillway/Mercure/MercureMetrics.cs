using System.Diagnostics.Metrics;
using Spillway.Mercure.Active;
using Spillway.Mercure.Patterns;

namespace Spillway.Mercure;

/// <summary>What the Mercure hub counts beside what the hub counts anyway.</summary>
internal sealed class MercureMetrics(IMeterFactory meters)
{
    public const string MeterName = "Spillway.Mercure";

    /// <summary>Shows how many expressions there are. Once.</summary>
    public void Observe(params (string Of, SharedExpressions Expressions)[] all)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge(
            "spillway.mercure.expressions", () => all.Select(static one => Measure(one.Of, one.Expressions.Count)), "{expression}", "Regular expressions that patterns and templates hold, at most Mercure:Expressions of subscriptions, and of tokens.");
        meter.CreateObservableCounter(
            "spillway.mercure.refused_expressions", () => all.Select(static one => Measure(one.Of, one.Expressions.Refused)), "{expression}", "Regular expressions that were not made, for there were as many as Mercure:Expressions allows.");

        static Measurement<long> Measure(string of, long value) => new(value, new KeyValuePair<string, object?>("of", of));
    }

    /// <summary>Shows what becomes of subscriptions. Once.</summary>
    public void Observe(SubscriptionBook book, SubscriptionAnnouncer announcer)
    {
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge("spillway.mercure.subscribers", () => book.Count, "{connection}", "Connections whose subscriptions are listed, where Mercure:Subscriptions is on.");
        meter.CreateObservableCounter(
            "spillway.mercure.subscription_events",
            () => new Measurement<long>[]
            {
                new(announcer.Published, new KeyValuePair<string, object?>("result", "published")),
                new(book.Dropped + announcer.Dropped, new KeyValuePair<string, object?>("result", "dropped")),
            },
            "{event}",
            "Events that tell of beginnings and ends of subscriptions, by result: published, and dropped: changes beyond Mercure:SubscriptionChanges, and topics that are too long or have ended.");
    }
}
