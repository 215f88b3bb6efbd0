using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.Problems;
using Spillway.Transports.Sse;

namespace Spillway.Transports.Polling;

/// <summary>
/// Answers requests for events that accept JSON: checks, registers the subscription, has a loop collect what there is or comes, writes it as one answer. Between two polls nothing is held.
/// </summary>
internal sealed partial class PollEndpoint(ISubscriptions subscriptions, IOptions<SpillwayOptions> options, TimeProvider time, TransportMetrics metrics, AccessJournal journal, ILogger<PollEndpoint> logger)
{
    private readonly SpillwayOptions _options = options.Value;

    public async Task HandleAsync(HttpContext context, AccessTicket ticket)
    {
        try
        {
            var (request, problem) = await SubscriptionReader.ReadAsync(context, ticket, _options, _options.Polling, time.GetUtcNow());
            if (request is null)
            {
                await RefuseAsync(context, problem!, problem!.Name);
                return;
            }

            using var subscription = await subscriptions.SubscribeAsync(request, context.RequestAborted);
            if (subscription is null)
            {
                await TurnAwayAsync(context);
            }
            else if (subscription.NothingFollows)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                context.Response.Headers.CacheControl = "no-store";
                metrics.Answered("ended");
            }
            else
            {
                await AnswerAsync(context, subscription, request);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: there is nobody to answer.
        }
    }

    private async Task AnswerAsync(HttpContext context, Subscription subscription, SubscriptionRequest request)
    {
        using var output = new PollOutput();
        var poll = request.Poll!;
        var reason = CloseReason.Answered;
        if (request.Start != StartKind.Now) // Else it learns where it begins, before it waits: what comes meanwhile is behind that.
        {
            context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
            reason = await subscription.RunAsync(output, context.RequestAborted);
            Log.Ended(logger, subscription.ConnectionId, reason);
        }

        switch (reason)
        {
            case CloseReason.ClientClosed:
                break;
            case CloseReason.Answered or CloseReason.TopicsEnded:
                await WriteAsync(context, subscription, output, poll, poll.Retry, request.Start == StartKind.Now ? "position" : poll.More ? "more" : output.HasEntries ? "entries" : "empty");
                break;
            case CloseReason.Shutdown or CloseReason.Expired or CloseReason.Revoked or CloseReason.Disconnected: // The next poll is told what became of its credential.
                await WriteAsync(context, subscription, output, poll, poll.Retry > 0 ? poll.Retry : subscriptions.NextRetryMilliseconds(), "drained");
                break;
            default:
                await RefuseAsync(context, Problem.Unavailable("The hub could not collect the events; its log says why. Ask again with the same cursor."), "unavailable");
                break;
        }
    }

    private async ValueTask WriteAsync(HttpContext context, Subscription subscription, PollOutput output, Poll poll, int retry, string result)
    {
        var answer = output.Finish(poll.Cursor ?? subscription.Resume, poll.More, retry, subscription.Cursors);
        var response = context.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.ContentLength = answer.Length;
        var write = response.Body.WriteAsync(answer, context.RequestAborted);
        if (!write.IsCompletedSuccessfully && !await IsTakenAsync(write.AsTask()))
        {
            Log.Stalled(logger, subscription.ConnectionId, _options.Sse.WriteStall);
            metrics.Refused("write-timeout");
            output.Abandon();
            context.Abort();
            return;
        }

        metrics.Answered(result);
    }

    private async Task<bool> IsTakenAsync(Task write)
    {
        try
        {
            await write.WaitAsync(_options.Sse.WriteStall, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private Task RefuseAsync(HttpContext context, Problem problem, string reason)
    {
        metrics.Refused(reason);
        journal.Note(problem);
        Log.Refused(logger, problem.Detail);
        return ProblemWriter.WriteAsync(context, problem);
    }

    private Task TurnAwayAsync(HttpContext context)
    {
        var seconds = (subscriptions.NextRetryMilliseconds() + 999) / 1000;
        return RefuseAsync(context, Problem.Full(_options.Limits, seconds), "full");
    }
}
