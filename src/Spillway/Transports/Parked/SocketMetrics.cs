using System.Diagnostics.Metrics;
using Spillway.Delivery;

namespace Spillway.Transports.Parked;

/// <summary>What the transport counts of its sockets.</summary>
internal sealed class SocketMetrics
{
    private readonly Counter<long> _accepted;
    private readonly UpDownCounter<long> _served;
    private readonly Counter<long> _pauses;
    private readonly UpDownCounter<long> _paused;
    private readonly Counter<long> _handedOff;

    public SocketMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(TransportMetrics.MeterName);
        _accepted = meter.CreateCounter<long>("spillway.transports.accepted_sockets", "{socket}", "Sockets accepted.");
        _served = meter.CreateUpDownCounter<long>("spillway.transports.served_sockets", "{socket}", "Sockets that the web server has, parked ones not among them.");
        _pauses = meter.CreateCounter<long>("spillway.transports.accept_pauses", "{pause}", "Times that accepting stopped, by reason: descriptors, error (of a call), or queue (the web server does not take what was accepted).");
        _paused = meter.CreateUpDownCounter<long>("spillway.transports.accepting_paused", "{transport}", "1 while nothing is accepted because descriptors run out.");
        _handedOff = meter.CreateCounter<long>("spillway.transports.handed_off_sockets", "{socket}", "Sockets that left the web server, by result: adopted, gone, timeout, stopped, or failed.");
    }

    public void Accepted()
    {
        _accepted.Add(1);
        _served.Add(1);
    }

    /// <summary>The web server has it no more.</summary>
    public void Released() => _served.Add(-1);

    public void Paused(string reason)
    {
        _pauses.Add(1, new KeyValuePair<string, object?>("reason", reason));
        _paused.Add(1);
    }

    /// <summary>A listener accepts nothing until the web server has taken what it was given.</summary>
    public void Queued() => _pauses.Add(1, new KeyValuePair<string, object?>("reason", "queue"));

    public void Resumed() => _paused.Add(-1);

    /// <summary>A socket has left the web server; null: for a loop, else it has ended.</summary>
    public void HandedOff(CloseReason? ended)
    {
        var result = ended switch { null => "adopted", CloseReason.WriteTimeout => "timeout", CloseReason.Shutdown => "stopped", CloseReason.Failed => "failed", _ => "gone" };
        _handedOff.Add(1, new KeyValuePair<string, object?>("result", result));
    }
}
