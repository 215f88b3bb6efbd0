using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Problems;
using Spillway.Transports.Sse;
using Spillway.Transports.WebSocket;

namespace Spillway.Transports;

/// <summary>Answers <c>POST {base}/connections/{id}/token</c>: the credential of this request takes the place of the one that the connection was opened with.</summary>
internal sealed class RenewalEndpoint(HubConnections connections, IOptions<SpillwayOptions> options, AccessJournal journal, TransportMetrics metrics, CursorCodec? cursors = null)
{
    private readonly CursorCodec _cursors = cursors ?? CursorCodec.Plain;

    public async Task HandleAsync(HttpContext context, AccessTicket ticket)
    {
        string? cursor = null;
        var problem = ReferenceEquals(ticket, AccessTicket.Everything) ? AccessProblems.NothingToRenew() : await RenewAsync(context, ticket, behind => cursor = _cursors.TextOf(behind));
        metrics.Renewed(problem?.Name ?? (cursor is null ? "renewed" : "changed"));
        if (problem is not null)
        {
            journal.Note(problem);
            await ProblemWriter.WriteAsync(context, problem);
            return;
        }

        await JsonAnswer.WriteAsync(context, (cursor, ticket.Expires), WriteMembers);
    }

    private async ValueTask<Problem?> RenewAsync(HttpContext context, AccessTicket ticket, Action<Position> changed)
    {
        if (!ConnectionId.TryParse(context.Request.RouteValues["id"] as string, out var id) || await connections.FindAsync(id, context.RequestAborted) is not { } found)
        {
            return AccessProblems.UnknownConnection();
        }

        var (most, option) = WireFormats.HasPings(found.Format)
            ? (options.Value.WebSocket.Selectors, Dialogue.SelectorOption)
            : (options.Value.Limits.SelectorsInBody, SubscriptionBody.SelectorOption);
        return await LeaseRenewal.RenewAsync(connections.Live(found), ticket, most, option, position =>
        {
            changed(position);
            return []; // The answer says it, and who reads the stream alone need not know.
        });
    }

    private static void WriteMembers(Utf8JsonWriter json, (string? Cursor, DateTimeOffset? Expires) renewed)
    {
        if (renewed.Cursor is { } cursor)
        {
            json.WriteString("cursor"u8, cursor);
        }

        if (renewed.Expires is { } expires)
        {
            json.WriteString("expires"u8, Timestamp.Format(expires));
        }
    }
}
