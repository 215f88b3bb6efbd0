using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Problems;
using Spillway.Transports;

namespace Spillway.Operations;

/// <summary><c>GET /admin/connections</c>, and <c>GET</c> and <c>DELETE /admin/connections/{id}</c>.</summary>
internal sealed class ConnectionsEndpoint(HubConnections connections, AuditLog audit)
{
    /// <summary>How many connections one request looks at: what it does not find among these it goes on looking for with the next page.</summary>
    private const int MostSeen = 100_000;

    /// <summary>How many topics and patterns of a connection a page names.</summary>
    private const int NamesInAPage = 10;

    public async Task ListAsync(HttpContext context, AccessTicket ticket)
    {
        if (ConnectionQuery.Read(context.Request.Query, out var asked) is { } problem)
        {
            audit.Note(context, ticket, "list connections", context.Request.QueryString.Value ?? "", problem.Name);
            await ProblemWriter.WriteAsync(context, problem);
            return;
        }

        var page = await connections.ListAsync(asked.Filter, asked.From, asked.Limit, MostSeen);
        audit.Note(context, ticket, "list connections", context.Request.QueryString.Value ?? "", string.Create(CultureInfo.InvariantCulture, $"{page.Found.Count} found"));
        await JsonAnswer.WriteAsync(context, page, WriteMembers);
    }

    public async Task ShowAsync(HttpContext context, AccessTicket ticket)
    {
        var found = TryReadId(context, out var id) ? await connections.FindAsync(id, context.RequestAborted) : null;
        audit.Note(context, ticket, "show connection", IdOf(context), found is null ? "there is none" : "shown");
        await (found is null ? RefuseAsync(context) : JsonAnswer.WriteAsync(context, found, static (json, one) => WriteConnection(json, one, int.MaxValue)));
    }

    /// <summary>Ends a connection, whose client may come back: its credential stays as good as it is.</summary>
    public async Task EndAsync(HttpContext context, AccessTicket ticket)
    {
        var ended = TryReadId(context, out var id) && await connections.EndAsync(id, CloseReason.Disconnected, context.RequestAborted);
        audit.Note(context, ticket, "disconnect", IdOf(context), ended ? "ended" : "there is none");
        if (!ended)
        {
            await RefuseAsync(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static bool TryReadId(HttpContext context, out ulong id) => ConnectionId.TryParse(IdOf(context), out id);

    private static string IdOf(HttpContext context) => context.Request.RouteValues["id"] as string ?? "";

    private static Task RefuseAsync(HttpContext context) => ProblemWriter.WriteAsync(context, Problem.UnknownConnection(IdOf(context)));

    private static void WriteMembers(Utf8JsonWriter json, (List<ConnectionView> Found, (int Loop, int Number)? Next) page)
    {
        json.WriteStartArray("connections"u8);
        foreach (var one in page.Found)
        {
            json.WriteStartObject();
            WriteConnection(json, one, NamesInAPage);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WritePropertyName("next"u8);
        json.WriteStringValue(page.Next is { } next ? ConnectionQuery.Format(next) : null);
    }

    private static void WriteConnection(Utf8JsonWriter json, ConnectionView one, int most)
    {
        json.WriteString("connection"u8, ConnectionId.Format(one.Id));
        json.WriteString("transport"u8, WireFormats.TransportOf(one.Format));
        json.WriteString("state"u8, one.State switch
        {
            _ when one.IsSlow => "slow",
            ConnectionState.Replay => "replay",
            ConnectionState.Ending => "ending",
            _ => "live",
        });
        json.WriteNumber("ageSeconds"u8, (long)one.Age.TotalSeconds);
        json.WriteString("cursor"u8, one.Cursor.ToString());
        if (one.Lease is AccessLease { Ticket: { } ticket })
        {
            WriteText(json, "subject"u8, ticket.Subject);
            WriteText(json, "issuer"u8, ticket.Issuer);
            WriteText(json, "jti"u8, ticket.TokenId);
            WriteText(json, "expires"u8, ticket.Expires is { } expires ? Timestamp.Format(expires) : null);
        }

        WriteNames(json, "topics"u8, one.Selectors.Topics.Select(Encoding.UTF8.GetString), most);
        WriteNames(json, "patterns"u8, one.Selectors.Patterns.Select(static pattern => pattern.Text), most);
        json.WriteNumber("selectors"u8, one.Selectors.Count);
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    private static void WriteNames(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<string> names, int most)
    {
        json.WriteStartArray(name);
        foreach (var text in names.Take(most))
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
