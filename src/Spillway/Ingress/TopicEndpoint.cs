using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary><c>POST {base}/topics/{topic}</c>: an event whose payload is the body. With <c>/end</c> behind it: the end of the topic.</summary>
internal sealed class TopicEndpoint(BatchCommitter committer, PublishResponder responder, RuleBook rules, IOptions<SpillwayOptions> options)
{
    private readonly LimitOptions _limits = options.Value.Limits;
    private readonly RuleBook _rules = rules;
    private readonly HistoryOptions _history = options.Value.History;

    public static Task HandleAsync(HttpContext context, AccessTicket ticket)
    {
        var endpoint = context.RequestServices.GetRequiredService<TopicEndpoint>();
        if (!TopicPath.TryRead(context, out var path, out var problem))
        {
            return endpoint.RefuseAsync(context, problem);
        }

        if (!CommitQuery.TryRead(context.Request, endpoint._history, out var commit, out problem))
        {
            return endpoint.RefuseAsync(context, problem);
        }

        var batch = new EventBatchWriter(endpoint._limits, endpoint._rules, EventFieldNames.Headers, Publisher.Of(ticket));
        return path.IsEnd ? endpoint.EndAsync(context, path.Topic, batch, commit) : endpoint.PublishAsync(context, path.Topic, batch, commit);
    }

    private async Task PublishAsync(HttpContext context, string topic, EventBatchWriter batch, CommitLevel commit)
    {
        if (await ReadEventAsync(context, topic, batch) is { } problem)
        {
            await RefuseAsync(context, problem);
        }
        else if (await CommitAsync(context, batch, commit) is { } outcome)
        {
            await PublishAnswer.WriteAsync(context, commit, outcome.Accepted, outcome.Duplicates, outcome.Last, committer.Cursors);
        }
    }

    private async Task EndAsync(HttpContext context, string topic, EventBatchWriter batch, CommitLevel commit)
    {
        if (batch.TryAddEnd(topic, out var problem))
        {
            using var body = await RequestBody.ReadAsync(context, maxBytes: 0);
            problem = body.IsTooLarge
                ? Problem.InvalidParameter("body", null, $"Ending a topic takes no body. To publish to the topic \"{Problem.Cut(topic)}/end\", write its last slash as %2F.")
                : body.Problem;
        }

        if (problem is not null)
        {
            await RefuseAsync(context, problem);
            return;
        }

        if (await CommitAsync(context, batch, commit) is { } outcome)
        {
            await PublishAnswer.WriteEndAsync(context, commit, outcome.Last, committer.Cursors);
        }
    }

    private async ValueTask<Problem?> ReadEventAsync(HttpContext context, string topic, EventBatchWriter batch)
    {
        if (PublishEndpoint.FindEncodingFault(context.Request) is { } problem)
        {
            return problem;
        }

        using var body = await RequestBody.ReadAsync(context, _limits.EventBytes);
        if (body.IsTooLarge)
        {
            return Problem.EventTooLarge(context.Request.ContentLength ?? _limits.EventBytes + 1L, _limits.EventBytes);
        }

        if (body.Problem is { } broken)
        {
            return broken;
        }

        return EventHeaders.TryRead(context.Request.Headers, topic, body.Memory, out var source, out var fault) && batch.TryAdd(source, out fault) ? null : fault;
    }

    /// <summary>Commits the one event; null: it was refused, and the publisher told.</summary>
    private async ValueTask<PublishOutcome?> CommitAsync(HttpContext context, EventBatchWriter batch, CommitLevel commit)
    {
        var (outcome, problem) = await committer.CommitAsync(batch.ToBatch(commit), CancellationToken.None);
        if (problem is null)
        {
            return outcome;
        }

        await RefuseAsync(context, problem);
        return null;
    }

    private Task RefuseAsync(HttpContext context, Problem problem) => responder.RefuseAsync(context, problem);
}
