using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Spillway.Events;
using Spillway.Ingress;
using Spillway.Mercure.Tokens;
using Spillway.Problems;

namespace Spillway.Mercure;

/// <summary>Answers <c>POST</c> to the Mercure hub: an update, in the form that Mercure has for it.</summary>
internal sealed class MercurePublishEndpoint(
    BatchCommitter committer, IngressMetrics metrics, MercureGate gate, MatcherReader matchers, ReservedTopics reserved, MercureCursors cursors, RuleBook rules, IOptions<SpillwayOptions> options)
{
    /// <summary>What marks ids that Mercure's publishers give: they are the hub's, whoever gives them, for they go out as they are.</summary>
    public const string IdMark = "mercure";

    private const string Form = "application/x-www-form-urlencoded";
    private const int FieldBytes = 16 * 1024; // Beside the payload.

    private static readonly EventFieldNames Names = EventFieldNames.Form;

    private readonly SpillwayOptions _options = options.Value;

    public async Task HandleAsync(HttpContext context, MercureTicket ticket)
    {
        var (update, problem) = await ReadAsync(context);
        problem ??= FindUngranted(update!, ticket);
        var batch = new EventBatchWriter(_options.Limits, rules, Names, Publisher.Marked(IdMark));
        if (problem is null && batch.TryAdd(update!.ToEvent(), out problem))
        {
            (var outcome, problem) = await committer.CommitAsync(batch.ToBatch(_options.History.Commit), CancellationToken.None);
            if (problem is null)
            {
                await AnswerAsync(context, update.Id ?? cursors.IdOf(outcome));
                return;
            }
        }

        metrics.Refused(problem!, events: 1);
        await gate.RefuseAsync(context, problem!);
    }

    private async ValueTask<(Update? Update, Problem? Problem)> ReadAsync(HttpContext context)
    {
        if (PublishEndpoint.FindEncodingFault(context.Request) is { } encoded)
        {
            return (null, encoded);
        }

        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !type.MediaType.Equals(Form, StringComparison.OrdinalIgnoreCase))
        {
            return (null, Problem.UnsupportedMediaType("Content-Type", context.Request.ContentType, $"{Form}, in UTF-8"));
        }

        // A byte of the payload takes three where it is escaped.
        var most = (int)Math.Min(int.MaxValue, (_options.Limits.EventBytes * 3L) + FieldBytes);
        using var body = await RequestBody.ReadAsync(context, most);
        if (body.IsTooLarge)
        {
            return (null, Problem.EventTooLarge(context.Request.ContentLength ?? most + 1L, _options.Limits.EventBytes));
        }

        var update = new Update(matchers, reserved);
        return (update, body.Problem ?? update.Read(body.Memory.Span));
    }

    /// <summary>A problem if the token does not grant every topic (P9).</summary>
    private static Problem? FindUngranted(Update update, MercureTicket ticket)
    {
        foreach (var topic in update.Topics)
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
