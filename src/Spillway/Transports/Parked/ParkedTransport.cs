using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Transports.Hosted;
using Spillway.Transports.WebSocket;

namespace Spillway.Transports.Parked;

/// <summary>Connections that leave Kestrel once they stream: HTTP/1.x in plain text, whose sockets the loops write to themselves. All others are hosted.</summary>
internal sealed partial class ParkedTransport : IConnectionHost
{
    private readonly HostedTransport _hosted = new();
    private readonly ParkedSockets?[] _sockets = new ParkedSockets?[PushHub.MaxLoops];
    private readonly EndedLog _ended;
    private readonly ILogger _logger;
    private PushHub? _hub;
    private int _toldOfMiddleware;

    public ParkedTransport(SocketCalls calls, IOptions<SpillwayOptions> options, TimeProvider time, TransportMetrics metrics, HubMetrics hubMetrics, AccessJournal journal, ILogger<ParkedTransport> logger, AccessGate? gate = null,
        CursorCodec? cursors = null)
    {
        (Calls, Options, Time, Metrics, _logger) = (calls, options.Value, time, metrics, logger);
        _ended = new EndedLog(time, logger, Options.Transports.WaitingEnds);
        Dialogues = new DialogueContext(Options.WebSocket, time, () => Hub.NextRetryMilliseconds(), metrics, hubMetrics, journal) { CommandFailed = CommandFailed, Gate = gate, Cursors = cursors ?? CursorCodec.Plain };
        metrics.ObserveParked(this);
    }

    public SocketCalls Calls { get; }

    public SpillwayOptions Options { get; }

    public TimeProvider Time { get; }

    public TransportMetrics Metrics { get; }

    public DialogueContext Dialogues { get; }

    /// <summary>Whose connections are parked: once there is one.</summary>
    public PushHub Hub => _hub!;

    /// <summary>Connections parked.</summary>
    public int Count => _sockets.Sum(static sockets => sockets?.Count ?? 0);

    /// <summary>Connections that have ended, and whose clients have not.</summary>
    public int LingeringCount => _sockets.Sum(static sockets => sockets?.Unclosed ?? 0);

    /// <summary>Clients of parked WebSockets that are in the midst of something.</summary>
    public int DialogueCount => _sockets.Sum(static sockets => sockets?.DialogueCount ?? 0);

    /// <summary>Ended connections that the log does not tell of, since too many ended at once, or it threw.</summary>
    public long Untold => _ended.Untold;

    private bool IsOn => Options.Transports.Parking != ParkingMode.Off;

    public ILoopWaiter CreateWaiter(int index) => IsOn ? _sockets[index] = new ParkedSockets(this, PushHub.CountLoops(Options)) : new SemaphoreWaiter();

    public IConnectionSink CreateSink(DeliveryLoop loop)
    {
        var hosted = (HostedSink)_hosted.CreateSink(loop);
        if (_sockets[loop.Index] is not { } sockets)
        {
            return hosted;
        }

        sockets.Attach(loop, hosted);
        return sockets;
    }

    public IRunningConnection Run(DeliveryLoop loop, Adoption adoption, PipeWriter output, CancellationToken aborted) => _hosted.Run(loop, adoption, output, aborted);

    /// <summary>Whether <see cref="TryPark"/> is going to succeed, unless the client leaves: then the connection ends with the response, and its head is to say so (RFC 9112, section 9.6).</summary>
    public bool CanPark(HttpContext context, bool isUpgraded) => IsOn && FindHindrance(context, isUpgraded) is null;

    /// <summary>The format that an event stream in answer to a request is going to have: HTTP/1.1 has chunks, which are ours to make once it is parked.</summary>
    public WireFormat FormatOf(HttpContext context, WireFormat format) =>
        HttpProtocol.IsHttp11(context.Request.Protocol) && CanPark(context, isUpgraded: false) ? WireFormats.Chunked(format) : format;

    /// <summary>
    /// Takes a connection whose head and opening are flushed from Kestrel to its loop; the request is to return. False: it has to be served by Kestrel, as if nothing had been asked.
    /// </summary>
    /// <param name="context">The request, whose body is read.</param>
    /// <param name="subscription">What is to run.</param>
    /// <param name="webSocket">What the client may say; null: it is an event stream.</param>
    public bool TryPark(HttpContext context, Subscription subscription, ParkedWebSocket? webSocket)
    {
        if (!IsOn)
        {
            return false;
        }

        if (FindHindrance(context, isUpgraded: webSocket is not null) is { } hindrance)
        {
            StaysHosted(hindrance);
            return false;
        }

        var adopter = Prepare(subscription, isChunked: webSocket is null && IsChunked(context.Response), webSocket);
        if (context.Features.Get<IDetachableConnection>()!.TryDetach(adopter))
        {
            return true;
        }

        subscription.TakeBack(adopter.Handover);
        return false;
    }

    /// <summary>Makes what takes a socket to the subscription's loop.</summary>
    public SocketAdopter Prepare(Subscription subscription, bool isChunked, ParkedWebSocket? webSocket)
    {
        var handover = subscription.HandOver(isChunked ? WireFormats.Chunked : WireFormats.Plain);
        _hub ??= handover.Hub;
        return new SocketAdopter(_sockets[handover.Loop.Index]!, handover, webSocket, Time.GetTimestamp(), Ended);
    }

    /// <summary>A connection that was parked, or nearly, has ended. On its loop, mostly.</summary>
    public void Ended(EndedConnection connection)
    {
        Hub.Forget(connection.Format);
        _ended.Tell(connection);
    }

    /// <summary>The wait for the end of a client whose connection has ended is over.</summary>
    public void Closed(LingerEnd how, bool isWebSocket)
    {
        if (how == LingerEnd.InTime)
        {
            return;
        }

        Metrics.ForcedEnd(how);
        if (isWebSocket && how is LingerEnd.Late or LingerEnd.Talkative)
        {
            Metrics.ClientFault(ClientFault.NotClosed);
        }
    }

    /// <summary>A client has left (0), or a call failed because it has.</summary>
    public void PeerEnded(int error)
    {
        if (Calls.IsLostPeer(error))
        {
            Metrics.LostPeer();
        }
    }

    /// <summary>The kernel does not watch a socket: its memory, or the user's limit of watches, is used up. The connection ends.</summary>
    public void NotWatched(int error)
    {
        Metrics.Failed(OwnFault.NotWatched);
        Later(() => Log.NotWatched(_logger, error));
    }

    public void CommandFailed(Exception fault)
    {
        Metrics.Failed(OwnFault.Command);
        Later(() => Log.CommandFailed(_logger, fault));
    }

    public void ReadingFailed(Exception fault)
    {
        Metrics.Failed(OwnFault.Reading);
        Later(() => Log.CommandFailed(_logger, fault));
    }

    /// <summary>A loop writes no log; and a log that throws must not end the process.</summary>
    private static void Later(Action tell) => _ = Task.Run(tell);

    private void StaysHosted(Hindrance hindrance)
    {
        Metrics.StaysHosted(hindrance);
        if (hindrance == Hindrance.Middleware && Interlocked.Exchange(ref _toldOfMiddleware, 1) == 0)
        {
            Log.MiddlewareBetween(_logger);
        }
    }

    /// <summary>Why a connection cannot be parked: what the endpoint writes has to be what the client gets, and the socket has to be within reach. Null: nothing hinders it.</summary>
    private static Hindrance? FindHindrance(HttpContext context, bool isUpgraded)
    {
        if (!HttpProtocol.IsHttp11(context.Request.Protocol) && !HttpProtocol.IsHttp10(context.Request.Protocol))
        {
            return Hindrance.Protocol;
        }

        if (context.Features.Get<IDetachableConnection>() is not { } connection)
        {
            return Hindrance.Listener;
        }

        if (!IsKestrels(isUpgraded ? context.Features.Get<IHttpUpgradeFeature>() : context.Features.Get<IHttpResponseBodyFeature>()) || (!isUpgraded && context.Response.Headers.ContentEncoding.Count > 0))
        {
            return Hindrance.Middleware;
        }

        return connection.CanDetach ? null : Hindrance.Connection;
    }

    private static bool IsKestrels(object? feature) => feature?.GetType().Assembly == typeof(KestrelServerOptions).Assembly;

    private static bool IsChunked(HttpResponse response) => response.Headers.TransferEncoding.ToString().EndsWith("chunked", StringComparison.OrdinalIgnoreCase);
}
