using System.Diagnostics.Metrics;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>What the hub and its loops measure. Loops count in plain fields; the instruments read them when somebody asks.</summary>
internal sealed class HubMetrics
{
    public const string HubMeterName = "Spillway.Hub";
    public const string DeliveryMeterName = "Spillway.Delivery";

    private static readonly (GapReason Reason, KeyValuePair<string, object?> Tag)[] GapTags =
        [.. Enum.GetValues<GapReason>().Select(static reason => (reason, Tag("reason", Kebab(reason.ToString()))))];

    private static readonly (CloseReason Reason, KeyValuePair<string, object?> Tag)[] CloseTags =
        [.. Enum.GetValues<CloseReason>().Select(static reason => (reason, Tag("reason", Kebab(reason.ToString()))))];

    private static readonly (OverflowPolicy Policy, KeyValuePair<string, object?>[] Tags)[] PolicyTags =
        [.. Enum.GetValues<OverflowPolicy>().Select(static policy => (policy, new[] { Tag("reason", "overflow"), Tag("policy", Kebab(policy.ToString())) }))];

    private readonly Meter _hubMeter;
    private readonly Meter _delivery;
    private readonly Counter<long> _reloads;
    private readonly Histogram<double> _receipts;
    private readonly Counter<long> _ignoredReceipts;
    private PushHub? _hub;

    public HubMetrics(IMeterFactory meters)
    {
        _hubMeter = meters.Create(HubMeterName);
        _reloads = _hubMeter.CreateCounter<long>("spillway.hub.reloads", "{reload}", "Times that the configuration was read again.");
        _delivery = meters.Create(DeliveryMeterName);
        _receipts = _delivery.CreateHistogram<double>("spillway.delivery.receipt.duration", "s", "From the hub's taking an event to a subscriber's receipt for it: what a sample of them lived through.");
        _ignoredReceipts = _delivery.CreateCounter<long>("spillway.delivery.ignored_receipts", "{receipt}", "Receipts that measured nothing, by reason.");
        AddHub();
        AddDelivery();
        AddWindow();
    }

    /// <summary>Begins to tell of a hub.</summary>
    public void Observe(PushHub hub) => _hub = hub;

    /// <summary>The configuration was read again.</summary>
    public void OptionsRead(string result) => _reloads.Add(1, Tag("result", result));

    /// <summary>A subscriber has told that it has processed an event.</summary>
    public void Received(Receipt receipt, string transport)
    {
        if (receipt.Outcome == ReceiptOutcome.Found)
        {
            _receipts.Record(receipt.Age.TotalSeconds, Tag("transport", transport));
        }
        else
        {
            _ignoredReceipts.Add(1, Tag("reason", Kebab(receipt.Outcome.ToString())));
        }
    }

    private void AddHub()
    {
        _hubMeter.CreateObservableCounter("spillway.hub.dispatched_events", () => _hub?.Dispatcher.Dispatched ?? 0, "{event}", "Events appended to the window, ends of topics included.");
        _hubMeter.CreateObservableUpDownCounter("spillway.hub.strands", () => _hub?.StrandCount ?? 0, "{strand}", "Topics and patterns known: in the window or subscribed.");
        _hubMeter.CreateObservableUpDownCounter("spillway.hub.patterns", () => _hub?.Dispatcher.PatternCount ?? 0, "{pattern}", "Distinct patterns subscribed.");
        _hubMeter.CreateObservableUpDownCounter("spillway.hub.opening_connections", () => _hub?.Coming.Count ?? 0, "{connection}", "Connections that are registered, and that no loop has yet.");
        _hubMeter.CreateObservableCounter("spillway.hub.refused_subscriptions", () => _hub?.Refused ?? 0, "{subscription}", "Subscriptions refused at the limit of connections or topics.");
    }

    private void AddDelivery()
    {
        _delivery.CreateObservableUpDownCounter("spillway.delivery.connections", Connections, "{connection}", "Subscribers connected, by transport.");
        _delivery.CreateObservableUpDownCounter("spillway.delivery.feeds", () => Sum(static loop => loop.FeedCount), "{feed}", "Distinct subscription sets, over all loops.");
        _delivery.CreateObservableCounter("spillway.delivery.delivered_events", () => Sum(static loop => loop.Counters.Delivered), "{event}", "Events written to connections.");
        _delivery.CreateObservableCounter("spillway.delivery.writes", () => Sum(static loop => loop.Counters.Sends), "{write}", "Writes to connections; one may carry many events.");
        _delivery.CreateObservableCounter("spillway.delivery.written_bytes", () => Sum(static loop => loop.Counters.Bytes), "By", "Bytes written to connections.");
        _delivery.CreateObservableCounter("spillway.delivery.visits", () => Sum(static loop => loop.Counters.Visits), "{visit}", "Visits of connections by their loops.");
        _delivery.CreateObservableUpDownCounter("spillway.delivery.batching_connections", () => Sum(static loop => loop.Batching), "{connection}", "Connections for which something waits for its batch interval.");
        _delivery.CreateObservableCounter("spillway.delivery.batched_writes", () => Sum(static loop => Volatile.Read(ref loop.Counters.BatchedWrites)), "{write}", "Writes that had waited for a batch interval.");
        _delivery.CreateObservableCounter("spillway.delivery.batched_events", () => Sum(static loop => Volatile.Read(ref loop.Counters.BatchedEvents)), "{event}", "Events in these writes.");
        _delivery.CreateObservableCounter("spillway.delivery.early_batches", () => Sum(static loop => Volatile.Read(ref loop.Counters.BatchesCutShort)), "{write}", "Times that a batch interval was cut short, because what waited would have left the window of its rule, or of the hub, or expired.");
        _delivery.CreateObservableCounter("spillway.delivery.stalls", () => Sum(static loop => loop.Counters.FellBehind), "{stall}", "Writes that did not fit.");
        _delivery.CreateObservableCounter("spillway.delivery.missed_events", Missed, "{event}", "Events that connections were told they missed, where the number is known.");
        _delivery.CreateObservableCounter("spillway.delivery.superseded_events", () => Sum(static loop => Volatile.Read(ref loop.Counters.Superseded)), "{event}", "Events that slow connections skipped because a newer one of the same topic and key stood for them.");
        _delivery.CreateObservableCounter("spillway.delivery.slow_connections", () => Sum(static loop => Volatile.Read(ref loop.Counters.SlowTold)), "{connection}", "Times that a connection's backlog left a rule's window.");
        _delivery.CreateObservableUpDownCounter("spillway.delivery.conflation_bytes", () => _hub?.Dispatcher.ConflationBytes ?? 0, "By", "Memory of what finds superseded events; bounded by the window.");
        _delivery.CreateObservableCounter("spillway.delivery.gaps", () => Sum(static loop => loop.Counters.GapsTold), "{gap}", "Gaps told.");
        _delivery.CreateObservableCounter("spillway.delivery.closed_connections", Closed, "{connection}", "Connections ended.");
        _delivery.CreateObservableCounter("spillway.delivery.shared_runs", () => Sum(static loop => loop.Memo.Hits), "{run}", "Visits of a sweep that found their bytes ready.");
    }

    private void AddWindow()
    {
        _delivery.CreateObservableUpDownCounter("spillway.delivery.window_events", () => _hub is { } hub ? hub.Window.Head - hub.Window.Tail + 1 : 0, "{event}", "Events in the window.");
        _delivery.CreateObservableCounter("spillway.delivery.window_evictions", () => _hub?.Window.Evicted ?? 0, "{event}", "Events that left the window.");
        _delivery.CreateObservableCounter("spillway.delivery.replays", () => Sum(static loop => loop.Counters.ReplayStarts), "{replay}", "Times that a connection went behind the window.");
        _delivery.CreateObservableCounter("spillway.delivery.replay_pages", () => _hub?.Replayer.PagesRead ?? 0, "{page}", "Pages of history made for connections.");
        _delivery.CreateObservableCounter("spillway.delivery.replay_pages_shared", () => _hub?.Replayer.PagesShared ?? 0, "{page}", "Pages that had been read for another connection.");
        _delivery.CreateObservableUpDownCounter("spillway.delivery.replay_cache_bytes", () => _hub?.Replayer.CacheBytes ?? 0, "By", "Pages kept for others; bounded by Delivery:ReplayCacheBytes.");
        _delivery.CreateObservableCounter("spillway.delivery.cut_snapshots", () => _hub?.Replayer.SnapshotsCut ?? 0, "{snapshot}", "Snapshots of which Limits:SnapshotKeys or Limits:SnapshotBytes left out the oldest values.");
        _delivery.CreateObservableUpDownCounter("spillway.delivery.replay_waiting", () => _hub?.Replayer.Waiting ?? 0, "{connection}", "Connections that wait for a page.");
        _delivery.CreateObservableUpDownCounter("spillway.delivery.replay_pages_held", () => _hub?.Replayer.PagesInFlight ?? 0, "{page}", "Pages read and not yet written; bounded by Delivery:ReplayPages.");
        _delivery.CreateObservableUpDownCounter("spillway.delivery.rest_bytes", () => Sum(static loop => loop.Counters.RestBytes), "By", "Bytes of cut signals and ephemeral events copied aside; bounded by Delivery:RestBytes.");
        _delivery.CreateObservableCounter("spillway.delivery.rest_overflows", () => Sum(static loop => loop.Counters.RestOverflows), "{connection}", "Connections closed because Delivery:RestBytes was reached.");
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static string Kebab(string name) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    private long Sum(Func<DeliveryLoop, long> count) => _hub?.Loops.Sum(count) ?? 0;

    /// <summary>Each event in one of them: those missed by overflow by policy, the others by reason.</summary>
    private IEnumerable<Measurement<long>> Missed() =>
        GapTags.Where(static entry => entry.Reason != GapReason.Overflow)
            .Select(entry => new Measurement<long>(Sum(loop => Volatile.Read(ref loop.Counters.Missed[(int)entry.Reason])), entry.Tag))
            .Concat(PolicyTags.Select(entry => new Measurement<long>(Sum(loop => Volatile.Read(ref loop.Counters.GivenUp[(int)entry.Policy])), entry.Tags)));

    private IEnumerable<Measurement<long>> Connections() =>
        Enum.GetValues<WireFormat>().GroupBy(WireFormats.TransportOf)
            .Select(formats => new Measurement<long>(formats.Sum(format => _hub?.Dispatcher.ConnectionsOf(format) ?? 0), Tag("transport", formats.Key)));

    private IEnumerable<Measurement<long>> Closed() =>
        CloseTags.Select(entry => new Measurement<long>(
            Sum(loop => Volatile.Read(ref loop.Counters.Closed[(int)entry.Reason])) + (_hub?.CountEndedEarly(entry.Reason) ?? 0), entry.Tag));
}
