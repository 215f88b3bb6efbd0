using System.Globalization;
using Spillway.Client;

namespace Spillway.Cli.Subscribe;

/// <summary>Prints what happens to the connection, and gaps, for people.</summary>
internal sealed class StatePrinter(TextWriter output, Uri hub, string command)
{
    private bool _connectedBefore;

    /// <summary>False where the command should give up: nobody listens at the address, and nobody ever did.</summary>
    public async Task<bool> TryPrintAsync(StreamItem item)
    {
        if (item is DisconnectedNotice { Reason: DisconnectReason.Network } lost && !_connectedBefore)
        {
            await output.WriteLineAsync($"spillway: the hub at {hub} cannot be reached: {lost.Detail} Start one with '{command} serve', or name another with --hub.");
            return false;
        }

        _connectedBefore |= item is ConnectedNotice;
        await output.WriteLineAsync("spillway: " + Describe(item));
        return true;
    }

    private string Describe(StreamItem item) => item switch
    {
        ConnectedNotice { Reconnects: 0 } connected => $"connected to {hub}{Name(connected)}.",
        ConnectedNotice connected => $"connected again{Name(connected)}.",
        DisconnectedNotice lost => string.Create(CultureInfo.InvariantCulture, $"{lost.Detail} Connecting again in {lost.Delay.TotalSeconds:0.0} s."),
        GapNotice gap => $"GAP: {Count(gap)} missed, {Explain(gap.Reason)}; after {gap.From}, up to {gap.To}.",
        SlowNotice { Backlog: { } backlog } => $"this reader does not keep up: {backlog} events behind.",
        SlowNotice => "this reader does not keep up: it is so far behind that it reads from history.",
        EndedNotice => "all topics have ended.",
        _ => item.ToString(),
    };

    /// <summary>Polls are no connection: they have no name.</summary>
    private static string Name(ConnectedNotice connected) => connected.ConnectionId.Length == 0 ? "" : $", connection {connected.ConnectionId}";

    private static string Count(GapNotice gap) => gap.Count switch
    {
        null => "events, nobody knows how many,",
        1 => "1 event",
        { } count when gap.Exact => $"{count} events",
        { } count => $"about {count} events",
    };

    private static string Explain(GapReason reason) => reason switch
    {
        GapReason.Overflow => "the connection was too slow (overflow)",
        GapReason.Retention => "older than what the hub keeps (retention)",
        GapReason.Lost => "the cursor belongs to another history (lost)",
        GapReason.Corrupt => "damaged on the hub's disk (corrupt)",
        GapReason.Expired => "older than their ttl (expired)",
        GapReason.Shed => "given up under load (shed)",
        GapReason.Oversized => "longer than this command takes (oversized)",
        _ => "for a reason that this version does not know",
    };
}
