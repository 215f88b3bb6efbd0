using System.Diagnostics.Metrics;
using System.Text.Json;
using Spillway.Transports.Parked;
using Spillway.Transports.WebSocket;

namespace Spillway.Transports;

/// <summary>What the endpoints of subscribers count: requests that got no stream, and what clients of WebSockets did wrong.</summary>
internal sealed class TransportMetrics
{
    public const string MeterName = "Spillway.Transports";

    private readonly Counter<long> _polls;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _faults;
    private readonly Counter<long> _refusedCommands;
    private ParkedTransport? _parked;

    public TransportMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _polls = meter.CreateCounter<long>("spillway.transports.answered_polls", "{poll}", "Polls answered, by what the answer holds.");
        _refused = meter.CreateCounter<long>("spillway.transports.refused_subscriptions", "{subscription}", "Subscriptions that got no stream, by reason: a problem's name, full, or write-timeout.");
        _faults = meter.CreateCounter<long>("spillway.transports.client_faults", "{fault}", "Connections ended because of what their client sent, or did not, by reason.");
        _refusedCommands = meter.CreateCounter<long>("spillway.transports.refused_commands", "{command}", "Commands of WebSocket clients that were answered with a problem, by its name.");
        meter.CreateObservableUpDownCounter("spillway.transports.parked_connections", () => _parked?.Count ?? 0, "{connection}", "Connections that the loops write to themselves, without Kestrel.");
        meter.CreateObservableUpDownCounter("spillway.transports.lingering_connections", () => _parked?.LingeringCount ?? 0, "{connection}", "Parked connections that have ended, and whose clients have Transports:CloseTimeout or WebSocket:CloseTimeout to close them.");
        meter.CreateObservableUpDownCounter("spillway.transports.busy_clients", () => _parked?.SessionCount ?? 0, "{client}", "Clients of parked WebSockets of which something is kept: a part of a message, a command under way, or receipts.");
        meter.CreateObservableCounter("spillway.transports.untold_ends", () => _parked?.Untold ?? 0, "{connection}", "Ends of parked connections that the log does not tell, since too many came at once.");
    }

    /// <summary>Begins to tell of parked connections.</summary>
    public void ObserveParked(ParkedTransport parked) => _parked = parked;

    /// <summary>A poll has its answer.</summary>
    public void Answered(string result) => _polls.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Refused(string reason) => _refused.Add(1, Reason(reason));

    /// <summary>A WebSocket ends for what its client did.</summary>
    public void ClientFault(ClientFault fault) => _faults.Add(1, Reason(JsonNamingPolicy.KebabCaseLower.ConvertName(fault.ToString())));

    public void RefusedCommand(string problem) => _refusedCommands.Add(1, Reason(problem));

    private static KeyValuePair<string, object?> Reason(string value) => new("reason", value);
}
