using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.Problems;
using Spillway.Transports.Hosted;
using Spillway.Transports.Parked;

namespace Spillway.Transports.Sse;

/// <summary>
/// Answers <c>GET {base}/events</c>, <c>QUERY {base}/events</c> and <c>POST {base}/subscribe</c> with an event stream: checks the request, registers the subscription,
/// writes head and opening block, and leaves the connection to the hub until it ends.
/// </summary>
internal sealed partial class SubscribeEndpoint(
    ISubscriptions subscriptions, IOptions<SpillwayOptions> options, TimeProvider time, TransportMetrics metrics, AccessJournal journal, ResponseRateWarning rateWarning,
    ILogger<SubscribeEndpoint> logger,
    ParkedTransport? parking = null)
{
    private readonly SpillwayOptions _options = options.Value;

    public Task HandleAsync(HttpContext context, AccessTicket ticket)
    {
        var http = context.Request;
        if (!HttpMethods.IsGet(http.Method))
        {
            return HandleBodyAsync(context, ticket);
        }

        var request = SubscriptionReader.ReadQuery(http, ticket, _options, null, time.GetUtcNow(), out var problem);
        return request is null ? RefuseAsync(context, problem!) : StreamAsync(context, request);
    }

    private async Task HandleBodyAsync(HttpContext context, AccessTicket ticket)
    {
        var (request, problem) = await SubscriptionReader.ReadAsync(context, ticket, _options, null, time.GetUtcNow());
        await (request is null ? RefuseAsync(context, problem!) : StreamAsync(context, request));
    }

    /// <summary>Subscribes in the format that the connection is going to have, so that events are not encoded in another one as well.</summary>
    public Task StreamAsync(HttpContext context, SubscriptionRequest request)
    {
        var format = parking?.FormatOf(context, request.Format) ?? request.Format;
        return AnswerAsync(context, subscriptions.SubscribeAsync(format == request.Format ? request : request with { Format = format }, context.RequestAborted));
    }

    /// <summary>The one asynchronous method that lives as long as a stream: what it holds, every connection holds.</summary>
    private async Task AnswerAsync(HttpContext context, ValueTask<Subscription?> subscribing)
    {
        try
        {
            using var subscription = await subscribing;
            if (subscription is null)
            {
                await TurnAwayAsync(context, "full", seconds => Problem.Full(_options.Limits, seconds));
            }
            else if (subscription.NothingFollows)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                context.Response.Headers.CacheControl = "no-store";
            }
            else if (await TryOpenAsync(context, subscription) && parking?.TryPark(context, subscription, webSocket: null) != true)
            {
                await EndAsync(context, subscription, await subscription.RunAsync(context.Response.BodyWriter, context.RequestAborted));
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: there is nobody to answer.
        }
    }

    /// <summary>Refuses a request for a stream: counted, logged, answered.</summary>
    public Task RefuseAsync(HttpContext context, Problem problem)
    {
        metrics.Refused(problem.Name);
        journal.Note(problem);
        Log.Refused(logger, problem.Detail);
        return ProblemWriter.WriteAsync(context, problem);
    }

    /// <summary>Has a client come back after its delay: an EventSource would take a problem for the end of everything.</summary>
    /// <param name="context">The request.</param>
    /// <param name="reason">Why, as metrics have it.</param>
    /// <param name="problemIn">For who says what it is: the problem, whose delay is so many seconds.</param>
    public Task TurnAwayAsync(HttpContext context, string reason, Func<int, Problem> problemIn)
    {
        var retry = subscriptions.NextRetryMilliseconds();
        var problem = problemIn((retry + 999) / 1000);
        metrics.Refused(reason);
        Log.Refused(logger, problem.Detail);
        if (context.Request.Headers.ContainsKey(AccessGate.ClientHeader))
        {
            return ProblemWriter.WriteAsync(context, problem);
        }

        WriteHead(context);
        OpeningBlock.WriteComeBack(context.Response.BodyWriter, retry);
        return context.Response.CompleteAsync();
    }

    /// <summary>Sends head and opening block. A client that does not take even these is reset after the time of a stalled write.</summary>
    private ValueTask<bool> TryOpenAsync(HttpContext context, Subscription subscription)
    {
        PrepareForAStream(context);
        WriteHead(context);
        if (parking?.CanPark(context, isUpgraded: false) == true)
        {
            context.Response.Headers.Connection = "close";
        }

        var output = context.Response.BodyWriter;
        OpeningBlock.Write(
            output, subscriptions.NextRetryMilliseconds(), subscription.Resume, subscription.Signals, subscription.ConnectionId, _options.Sse.KeepAlive, subscription.Cursors);
        var flush = output.FlushAsync(context.RequestAborted);
        if (!flush.IsCompletedSuccessfully)
        {
            return TryFinishOpeningAsync(context, subscription, flush.AsTask());
        }

        return ValueTask.FromResult(HasOpened(context, subscription, flush.Result));
    }

    private async ValueTask<bool> TryFinishOpeningAsync(HttpContext context, Subscription subscription, Task<FlushResult> flush)
    {
        try
        {
            return HasOpened(context, subscription, await flush.WaitAsync(_options.Sse.WriteStall, time, context.RequestAborted));
        }
        catch (TimeoutException)
        {
            Log.OpeningStalled(logger, subscription.ConnectionId, _options.Sse.WriteStall);
            metrics.Refused("write-timeout");
            context.Abort();
            return false;
        }
    }

    private bool HasOpened(HttpContext context, Subscription subscription, FlushResult flush)
    {
        if (!flush.IsCompleted && logger.IsEnabled(LogLevel.Debug))
        {
            Log.Opened(logger, subscription.ConnectionId, context.Request.Protocol, subscription.Resume.ToString());
        }

        return !flush.IsCompleted;
    }

    private Task EndAsync(HttpContext context, Subscription subscription, CloseReason reason)
    {
        Log.Ended(logger, subscription.ConnectionId, reason);
        if (reason.IsCut())
        {
            context.Abort(); // An end that looks proper would hide that bytes are missing.
        }

        return reason.IsCut() || reason == CloseReason.ClientClosed ? Task.CompletedTask : context.Response.CompleteAsync();
    }

    /// <summary>Turns off what is made for answers that end: buffers, time limits, a least rate of bytes.</summary>
    private void PrepareForAStream(HttpContext context)
    {
        var features = context.Features;
        features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
        }
        else
        {
            rateWarning.AtStream(); // On HTTP/2 Kestrel has one rate for the whole connection, and throws there.
        }
    }

    private static void WriteHead(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentType = AcceptHeader.EventStream;
        headers.CacheControl = "no-store, no-transform";
        headers["X-Accel-Buffering"] = "no";
    }
}
