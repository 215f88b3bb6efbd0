using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Operations;

/// <summary><c>GET</c>, <c>POST</c> and <c>DELETE /admin/revocations</c>: credentials that are taken back before their time.</summary>
internal sealed class RevocationsEndpoint(Revocations revocations, HubConnections connections, PushHub hub, IOptions<SpillwayOptions> options, AuditLog audit, TimeProvider clock)
{
    private const int MaxBody = 16 * 1024;

    public Task ListAsync(HttpContext context, AccessTicket ticket)
    {
        audit.Note(context, ticket, "list revocations", "", string.Create(CultureInfo.InvariantCulture, $"{revocations.Count} known"));
        return JsonAnswer.WriteAsync(context, revocations.All, WriteMembers);
    }

    public async Task AddAsync(HttpContext context, AccessTicket ticket)
    {
        using var body = await RequestBody.ReadAsync(context, MaxBody);
        RevocationRequest? asked = null;
        var problem = body.IsTooLarge ? Problem.BodyTooLarge("the body of a revocation", MaxBody) : body.Problem ?? RevocationRequest.Read(body.Memory.Span, out asked);
        if (asked is not null)
        {
            problem = asked.Connection is { } id
                ? await connections.EndAsync(id, CloseReason.Revoked, context.RequestAborted) ? null : Problem.UnknownConnection(ConnectionId.Format(id))
                : Add(new Revocation(asked.Kind, asked.Name, clock.GetUtcNow(), asked.For is { } time ? clock.GetUtcNow() + time : null));
        }

        await AnswerAsync(context, ticket, "revoke", asked, problem);
    }

    public async Task RemoveAsync(HttpContext context, AccessTicket ticket)
    {
        var query = context.Request.Query;
        var kind = query.ContainsKey("subject") ? RevocationKind.Subject : RevocationKind.Token;
        var name = query[kind == RevocationKind.Subject ? "subject" : "jti"].ToString();
        var asked = new RevocationRequest(kind, name, null, null);
        var problem = query.Count != 1 || name.Length == 0
            ? Problem.InvalidParameter("subject", null, "Name what is good again by one parameter, subject or jti.")
            : Try(() => revocations.TryRemove(kind, name) ? null : Unknown(kind == RevocationKind.Subject ? "subject" : "jti", name));
        await AnswerAsync(context, ticket, "take a revocation away", asked, problem);
    }

    private async Task AnswerAsync(HttpContext context, AccessTicket ticket, string call, RevocationRequest? asked, Problem? problem)
    {
        audit.Note(context, ticket, call, asked?.ToString() ?? "", problem?.Name ?? (asked is { Connection: null } && !revocations.AreKept ? "done, until the hub stops" : "done"));
        if (problem is not null)
        {
            await ProblemWriter.WriteAsync(context, problem);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Problem? Add(Revocation one) => Try(() =>
    {
        var most = options.Value.Access.Revocations;
        if (!revocations.TryAdd(one))
        {
            return new Problem(507, "too-many-revocations", "Too many revocations", $"Nothing was taken back: there are {most} revocations already, as many as Access:Revocations allows; take away those that are over, give them a time (\"for\"), or raise the option.")
            {
                Option = "Access:Revocations",
                Limit = most,
            };
        }

        hub.ReviewLeases();
        return null;
    });

    /// <summary>It counts in this process in any case.</summary>
    private Problem? Try(Func<Problem?> change)
    {
        try
        {
            return change();
        }
        catch (IOException fault)
        {
            hub.ReviewLeases();
            return new Problem(507, "not-kept", "Not kept", $"It is done, and would be forgotten when the hub starts again, for it could not be written: {fault.Message} Mend that, and ask again.");
        }
    }

    private static Problem Unknown(string field, string name) =>
        new(404, "unknown-revocation", "No such revocation", $"No {field} \"{Problem.Cut(name)}\" is taken back; GET /admin/revocations lists all.") { Field = field, Value = name };

    private static void WriteMembers(Utf8JsonWriter json, IEnumerable<Revocation> all)
    {
        json.WriteStartArray("revocations"u8);
        foreach (var one in all)
        {
            json.WriteStartObject();
            json.WriteString(one.Kind == RevocationKind.Subject ? "subject"u8 : "jti"u8, one.Name);
            json.WriteString("at"u8, Timestamp.Format(one.At));
            if (one.Until is { } until)
            {
                json.WriteString("until"u8, Timestamp.Format(until));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
