using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spillway.Events;
using Spillway.Ingress;
using Spillway.Mercure.Tokens;
using Spillway.Problems;

namespace Spillway.Mercure;

/// <summary>Answers <c>POST</c> to the Mercure hub: an event, in the form that Mercure has for it.</summary>
internal sealed class MercurePublishEndpoint(
    BatchCommitter committer, PublishResponder responder, MercureGate gate, MatcherReader matchers, ReservedTopics reserved, MercureCursors cursors, RuleBook rules, IOptions<SpillwayOptions> options)
{
    private const int FieldBytes = 16 * 1024; // Beside the payload.

    private readonly SpillwayOptions _options = options.Value;

    public async Task HandleAsync(HttpContext context, MercureTicket ticket)
    {
        var ((form, problem), dialect) = (await ReadAsync(context), ticket.SpokenAt(_options.Mercure));
        problem ??= FindUngranted(form!, ticket);
        var batch = new EventBatchWriter(_options.Limits, rules, EventFieldNames.Form, MercureIds.PublisherOf(ticket, dialect));
        if (problem is null && batch.TryAdd(form!.ToEvent(), out problem))
        {
            (var outcome, problem) = await committer.CommitAsync(batch.ToBatch(_options.History.Commit), CancellationToken.None);
            if (problem is null)
            {
                await AnswerAsync(context, dialect == Dialect.Classic && form.Id is { } given ? given : cursors.IdOf(outcome));
                return;
            }
        }

        await responder.RefuseAsync(context, gate.Challenge(problem!));
    }

    private async ValueTask<(EventForm? Form, Problem? Problem)> ReadAsync(HttpContext context)
    {
        if (PublishEndpoint.FindEncodingFault(context.Request) is { } encoded)
        {
            return (null, encoded);
        }

        if (FormFields.FindTypeFault(context.Request) is { } other)
        {
            return (null, other);
        }

        // A byte of the payload takes three where it is escaped.
        var most = (int)Math.Min(int.MaxValue, (_options.Limits.EventBytes * 3L) + FieldBytes);
        using var body = await RequestBody.ReadAsync(context, most);
        if (body.IsTooLarge)
        {
            return (null, Problem.EventTooLarge(context.Request.ContentLength ?? most + 1L, _options.Limits.EventBytes));
        }

        var form = new EventForm(matchers, reserved);
        return (form, body.Problem ?? form.Read(body.Memory.Span));
    }

    /// <summary>A problem if the token does not grant every topic (P9).</summary>
    private static Problem? FindUngranted(EventForm form, MercureTicket ticket)
    {
        foreach (var topic in form.Topics)
        {
            if (Encoding.UTF8.GetBytes(topic) is var utf8 && !ticket.Publish.Allows(utf8))
            {
                return MercureProblems.NotGranted("topic", utf8, "publish to", ticket);
            }
        }

        return null;
    }

    /// <summary>The id, as text (P7).</summary>
    private static Task AnswerAsync(HttpContext context, string id)
    {
        var response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/plain; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        return response.WriteAsync(id, context.RequestAborted);
    }
}
