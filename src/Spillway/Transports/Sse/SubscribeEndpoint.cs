using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Transports.Sse;

/// <summary>
/// Answers <c>GET {base}/events</c>, <c>QUERY {base}/events</c> and <c>POST {base}/subscribe</c> with an event stream: checks the request, registers the subscription,
/// writes head and opening block, and leaves the connection to the hub until it ends.
/// </summary>
internal sealed partial class SubscribeEndpoint(
    ISubscriptions subscriptions, IOptions<SpillwayOptions> options, TimeProvider time, SseMetrics metrics, ILogger<SubscribeEndpoint> logger)
{
    /// <summary>Sent by clients that understand 503 here. An EventSource would never come back after one.</summary>
    public const string ClientHeader = "Spillway-Client";

    private readonly SpillwayOptions _options = options.Value;

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: there is nobody to answer.
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, problem) = await ReadAsync(context);
        if (request is null)
        {
            await RefuseAsync(context, problem!);
            return;
        }

        await using var subscription = await subscriptions.SubscribeAsync(request, context.RequestAborted);
        if (subscription is null)
        {
            await TurnAwayAsync(context);
        }
        else if (subscription.NothingFollows)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            context.Response.Headers.CacheControl = "no-store";
        }
        else
        {
            await StreamAsync(context, subscription, request.Signals);
        }
    }

    private async ValueTask<(SubscriptionRequest? Request, Problem? Problem)> ReadAsync(HttpContext context)
    {
        var accept = context.Request.Headers.Accept;
        if (!AcceptHeader.TakesEventStream(accept))
        {
            return (null, Problem.NotAcceptable(accept, AcceptHeader.EventStream));
        }

        var http = context.Request;
        var lastEventId = http.Headers["Last-Event-ID"].ToString();
        if (HttpMethods.IsGet(http.Method))
        {
            return (SubscriptionQuery.Read(http.QueryString.Value, lastEventId, _options.Limits, time.GetUtcNow(), out var fault), fault);
        }

        var problem = SubscriptionQuery.RefuseBesideBody(http.QueryString.Value);
        if (problem is null)
        {
            (var body, problem) = await RequestBody.ReadJsonAsync(http, _options.Limits.SubscriptionBytes, context.RequestAborted);
            if (problem is null)
            {
                return (SubscriptionBody.Read(body, lastEventId, _options.Limits, time.GetUtcNow(), out problem), problem);
            }
        }

        return (null, problem);
    }

    private Task RefuseAsync(HttpContext context, Problem problem)
    {
        metrics.Refused(problem.Name);
        Log.Refused(logger, problem.Detail);
        return ProblemWriter.WriteAsync(context, problem);
    }

    private Task TurnAwayAsync(HttpContext context)
    {
        var retry = subscriptions.NextRetryMilliseconds();
        metrics.Refused("full");
        Log.Refused(logger, "The hub is full.");
        if (context.Request.Headers.ContainsKey(ClientHeader))
        {
            var seconds = (retry + 999) / 1000;
            var limits = _options.Limits;
            var detail = $"The hub takes no more subscriptions: it has reached Limits:Connections ({limits.Connections}) or Limits:Topics ({limits.Topics}), or is stopping; "
                + $"come back in {seconds} s.";
            return ProblemWriter.WriteAsync(context, Problem.Overloaded(detail) with { RetryAfterSeconds = seconds });
        }

        WriteHead(context);
        OpeningBlock.WriteComeBack(context.Response.BodyWriter, retry);
        return context.Response.CompleteAsync();
    }

    private async Task StreamAsync(HttpContext context, Subscription subscription, bool signals)
    {
        PrepareForAStream(context);
        WriteHead(context);
        var output = context.Response.BodyWriter;
        OpeningBlock.Write(
            output, subscriptions.NextRetryMilliseconds(), subscription.Resume, signals, subscription.ConnectionId, _options.Sse.KeepAlive);
        if (!await TryFlushAsync(output, subscription, context))
        {
            return;
        }

        if (logger.IsEnabled(LogLevel.Debug))
        {
            Log.Opened(logger, subscription.ConnectionId, context.Request.Protocol, subscription.Resume.ToString());
        }

        var reason = await subscription.RunAsync(output, context.RequestAborted);
        Log.Ended(logger, subscription.ConnectionId, reason);
        switch (reason)
        {
            case CloseReason.WriteTimeout or CloseReason.Failed:
                context.Abort(); // An end that looks proper would hide that bytes are missing.
                break;
            case CloseReason.ClientClosed:
                break;
            default:
                await context.Response.CompleteAsync();
                break;
        }
    }

    /// <summary>Turns off what is made for answers that end: buffers, time limits, a least rate of bytes.</summary>
    private static void PrepareForAStream(HttpContext context)
    {
        var features = context.Features;
        features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        if (HttpProtocol.IsHttp11(context.Request.Protocol) || HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            // On HTTP/2 Kestrel has one rate for the whole connection and throws here; a host turns it off in its limits.
            features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
        }
    }

    private static void WriteHead(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentType = AcceptHeader.EventStream;
        headers.CacheControl = "no-store, no-transform";
        headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Sends head and opening block. A client that does not take even these is reset after the time of a stalled write.</summary>
    private async ValueTask<bool> TryFlushAsync(PipeWriter output, Subscription subscription, HttpContext context)
    {
        var flush = output.FlushAsync(context.RequestAborted);
        if (flush.IsCompletedSuccessfully)
        {
            return !(await flush).IsCompleted;
        }

        try
        {
            return !(await flush.AsTask().WaitAsync(_options.Sse.WriteStall, time, context.RequestAborted)).IsCompleted;
        }
        catch (TimeoutException)
        {
            Log.OpeningStalled(logger, subscription.ConnectionId, _options.Sse.WriteStall);
            metrics.Refused("write-timeout");
            context.Abort();
            return false;
        }
    }
}
