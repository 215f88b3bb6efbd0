using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Problems;
using Spillway.Transports.Parked;
using Spillway.Transports.Sse;

namespace Spillway.Transports.WebSocket;

/// <summary>Answers <c>GET {base}/events</c> that asks for a WebSocket: checks, registers the subscription, upgrades, and leaves writing to the hub until it ends.</summary>
internal sealed partial class WebSocketEndpoint(
    ISubscriptions subscriptions, IOptions<SpillwayOptions> options, TimeProvider time, TransportMetrics metrics, HubMetrics hubMetrics, AccessJournal journal,
    ILogger<WebSocketEndpoint> logger,
    ParkedTransport? parking = null,
    AccessGate? gate = null,
    CursorCodec? cursors = null)
{
    private static readonly StreamPipeReaderOptions Reading = new(leaveOpen: true, useZeroByteReads: true); // Waiting holds no buffer.

    private readonly SpillwayOptions _options = options.Value;
    private readonly DialogueContext _dialogues = new(options.Value.WebSocket, time, subscriptions.NextRetryMilliseconds, metrics, hubMetrics, journal)
    {
        Gate = gate,
        Cursors = cursors ?? CursorCodec.Plain,
        CommandFailed = fault =>
        {
            metrics.Failed(OwnFault.Command);
            Log.CommandFailed(logger, fault);
        },
    };

    public async Task HandleAsync(HttpContext context, AccessTicket ticket)
    {
        var http = context.Request;
        var problem = Handshake.Check(context, out var format, out var protocol);
        var asked = problem is null
            ? SubscriptionQuery.Read(http.QueryString.Value, http.Headers["Last-Event-ID"].ToString(), _options.Limits, time.GetUtcNow(), out problem)
            : null;
        var request = GrantedRequest.Reduce(asked, ticket, _options.WebSocket.Selectors, Dialogue.SelectorOption, ref problem);
        if (request is null)
        {
            await RefuseAsync(context, problem!);
            return;
        }

        try
        {
            using var subscription = await subscriptions.SubscribeAsync(request with { Format = format }, context.RequestAborted);
            if (subscription is null)
            {
                await TurnAwayAsync(context);
            }
            else
            {
                await RunAsync(context, subscription, protocol);
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone: there is nobody to answer.
        }
    }

    private async Task RunAsync(HttpContext context, Subscription subscription, string? protocol)
    {
        context.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
            context.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate = null;
        }

        await using var stream = await Handshake.AcceptAsync(context, protocol);
        var output = new UpgradedOutput(stream);
        var receipts = subscription.Signals && Random.Shared.NextDouble() < _options.WebSocket.ReceiptShare ? _options.WebSocket.ReceiptInterval : (TimeSpan?)null;
        if (subscription.Signals)
        {
            WebSocketEncoder.WriteOpen(output, subscriptions.NextRetryMilliseconds(), subscription.Resume, subscription.ConnectionId, _options.Sse.KeepAlive, receipts, subscription.Cursors);
            if (!await TryOpenAsync(context, subscription, output))
            {
                return;
            }
        }

        Log.Opened(logger, subscription.ConnectionId, context.Request.Protocol, subscription.Resume.ToString());
        var asked = receipts is { } interval ? new ReceiptGate(interval, time) : null;
        if (parking?.TryPark(context, subscription, new ParkedWebSocket(asked)) == true)
        {
            return;
        }

        var input = PipeReader.Create(stream, Reading);
        var ended = subscription.RunAsync(output, context.RequestAborted);
        var frames = new FrameReader(_options.WebSocket.MessageBytes, _options.WebSocket.MessageFragments);
        var dialogue = new Dialogue(subscription.Live, frames, asked, _dialogues);
        var reading = new DialogueReader(dialogue, input, _dialogues).ReadAsync();
        var reason = await ended;
        Log.Ended(logger, subscription.ConnectionId, reason);
        if (reason.IsCut())
        {
            context.Abort(); // An end that looks proper would hide that bytes are missing.
        }
        else
        {
            await output.FlushAsync(context.RequestAborted);
        }

        await FinishAsync(context, input, reading);
    }

    /// <summary>Sends the opening message, which nothing may follow for long. A client that does not take even that is reset after the time of a stalled write.</summary>
    private async ValueTask<bool> TryOpenAsync(HttpContext context, Subscription subscription, UpgradedOutput output)
    {
        var flush = output.FlushAsync(context.RequestAborted);
        try
        {
            if (!flush.IsCompletedSuccessfully)
            {
                await flush.AsTask().WaitAsync(_options.Sse.WriteStall, time, context.RequestAborted);
            }

            return true;
        }
        catch (TimeoutException)
        {
            Log.OpeningStalled(logger, subscription.ConnectionId, _options.Sse.WriteStall);
            metrics.Refused("write-timeout");
            context.Abort();
            return false;
        }
        catch (Exception fault) when (fault is IOException or SocketException or ObjectDisposedException)
        {
            context.Abort(); // The client has gone.
            return false;
        }
    }

    /// <summary>Waits for the client's close frame, or for the end of what it sends: who ends a connection with bytes unread resets it, and the client may lose ours.</summary>
    private async Task FinishAsync(HttpContext context, PipeReader input, Task reading)
    {
        try
        {
            await reading.WaitAsync(_options.WebSocket.CloseTimeout, time);
        }
        catch (TimeoutException)
        {
            metrics.ClientFault(ClientFault.NotClosed);
            context.Abort();
            input.CancelPendingRead();
            await reading;
        }

        await input.CompleteAsync();
    }

    private Task RefuseAsync(HttpContext context, Problem problem)
    {
        metrics.Refused(problem.Name);
        journal.Note(problem);
        Log.Refused(logger, problem.Detail);
        return ProblemWriter.WriteAsync(context, problem);
    }

    private Task TurnAwayAsync(HttpContext context)
    {
        var seconds = (subscriptions.NextRetryMilliseconds() + 999) / 1000;
        var limits = _options.Limits;
        return RefuseAsync(context, Problem.Overloaded(
            $"The hub takes no more subscriptions: it has reached Limits:Connections ({limits.Connections}) or Limits:Topics ({limits.Topics}), or is stopping; come back in {seconds} s.") with
        {
            RetryAfterSeconds = seconds,
        });
    }
}
