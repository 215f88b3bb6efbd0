using System.Diagnostics.Metrics;
using Spillway.Mercure.Active;

namespace Spillway.Mercure;

/// <summary>What the Mercure hub counts beside what the hub counts anyway.</summary>
internal sealed class MercureMetrics(IMeterFactory meters)
{
    public const string MeterName = "Spillway.Mercure";

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
                new(book.Dropped, new KeyValuePair<string, object?>("result", "dropped")),
            },
            "{event}",
            "Events that tell of beginnings and ends of subscriptions, by result: published, and dropped for changes beyond Mercure:SubscriptionChanges.");
    }
}
