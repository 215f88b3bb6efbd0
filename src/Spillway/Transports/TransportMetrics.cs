using System.Diagnostics.Metrics;
using Spillway.Transports.Parked;
using Spillway.Transports.WebSocket;

namespace Spillway.Transports;

/// <summary>What the endpoints of subscribers count: requests that got no stream, and what clients of WebSockets did wrong.</summary>
internal sealed class TransportMetrics
{
    public const string MeterName = "Spillway.Transports";

    private readonly Counter<long> _polls;
    private readonly Counter<long> _refused;
    private readonly Tally<ClientFault> _clientFaults = new();
    private readonly Tally<OwnFault> _ownFaults = new();
    private readonly Tally<LingerEnd> _forcedEnds = new();
    private readonly Tally<Hindrance> _hosted = new();
    private readonly Counter<long> _refusedCommands;
    private readonly Counter<long> _renewals;
    private ParkedTransport? _parked;
    private long _lostPeers;

    public TransportMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _polls = meter.CreateCounter<long>("spillway.transports.answered_polls", "{poll}", "Polls answered, by what the answer holds.");
        _refused = meter.CreateCounter<long>("spillway.transports.refused_subscriptions", "{subscription}", "Subscriptions that got no stream, by reason: a problem's name, full, starting, or write-timeout.");
        meter.CreateObservableCounter("spillway.transports.client_faults", _clientFaults.Measure, "{fault}", "Connections ended because of what their client sent, or did not, by reason.");
        _refusedCommands = meter.CreateCounter<long>("spillway.transports.refused_commands", "{command}", "Commands of WebSocket clients that were answered with a problem, by its name.");
        _renewals = meter.CreateCounter<long>("spillway.transports.renewals", "{renewal}", "Credentials presented for connections that are open, by result: renewed, changed (what is delivered, too), or a problem's name.");
        meter.CreateObservableCounter("spillway.transports.failed_connections", _ownFaults.Measure, "{connection}", "Connections ended because something broke on our side, by what.");
        meter.CreateObservableCounter("spillway.transports.forced_ends", _forcedEnds.Measure, "{connection}", "Ended connections that were closed before their clients had closed them, by reason.");
        meter.CreateObservableCounter("spillway.transports.hosted_streams", _hosted.Measure, "{connection}", "Streams and WebSockets that stayed with the web server though parking is on, by reason.");
        meter.CreateObservableCounter("spillway.transports.lost_peers", () => Volatile.Read(ref _lostPeers), "{connection}", "Parked connections that the kernel ended, since their peer acknowledged or took nothing for Transports:PeerTimeout.");
        meter.CreateObservableUpDownCounter("spillway.transports.parked_connections", () => _parked?.Count ?? 0, "{connection}", "Connections that the loops write to themselves, without Kestrel.");
        meter.CreateObservableUpDownCounter("spillway.transports.lingering_connections", () => _parked?.LingeringCount ?? 0, "{connection}", "Parked connections that have ended, and whose clients have Transports:CloseTimeout or WebSocket:CloseTimeout to close them.");
        meter.CreateObservableUpDownCounter("spillway.transports.busy_clients", () => _parked?.DialogueCount ?? 0, "{client}", "Clients of parked WebSockets of which something is kept: a part of a message, a command under way, or receipts.");
        meter.CreateObservableCounter("spillway.transports.untold_ends", () => _parked?.Untold ?? 0, "{connection}", "Ends of parked connections that the log does not tell, since too many came at once, or the log threw.");
    }

    /// <summary>Begins to tell of parked connections.</summary>
    public void ObserveParked(ParkedTransport parked) => _parked = parked;

    /// <summary>A poll has its answer.</summary>
    public void Answered(string result) => _polls.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Refused(string reason) => _refused.Add(1, Reason(reason));

    /// <summary>A WebSocket ends for what its client did.</summary>
    public void ClientFault(ClientFault fault) => _clientFaults.Add(fault);

    /// <summary>A connection ends for what broke here.</summary>
    public void Failed(OwnFault fault) => _ownFaults.Add(fault);

    /// <summary>A connection that had ended was closed before its client had closed it.</summary>
    public void ForcedEnd(LingerEnd how) => _forcedEnds.Add(how);

    /// <summary>A connection cannot be parked.</summary>
    public void StaysHosted(Hindrance hindrance) => _hosted.Add(hindrance);

    /// <summary>A peer has vanished.</summary>
    public void LostPeer() => Interlocked.Increment(ref _lostPeers);

    /// <summary>A credential was presented for a connection that is open.</summary>
    public void Renewed(string result) => _renewals.Add(1, new KeyValuePair<string, object?>("result", result));

    public void RefusedCommand(string problem) => _refusedCommands.Add(1, Reason(problem));

    private static KeyValuePair<string, object?> Reason(string value) => new("reason", value);
}
