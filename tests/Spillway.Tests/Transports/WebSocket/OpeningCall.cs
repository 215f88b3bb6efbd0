using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Spillway.Access;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Transports;
using Spillway.Transports.WebSocket;

namespace Spillway.Tests.Transports.WebSocket;

/// <summary>A handshake without a server: as the connection's stream it gives what a test says.</summary>
internal sealed class OpeningCall : IHttpUpgradeFeature, IHttpRequestLifetimeFeature, IDisposable
{
    private readonly DefaultHttpContext _context = new();
    private readonly MetricCollector _meters = new();
    private readonly CancellationTokenSource _aborted = new();
    private readonly Stream _stream;

    public OpeningCall(Stream stream)
    {
        _stream = stream;
        _context.Request.Method = "GET";
        _context.Request.Protocol = "HTTP/1.1";
        _context.Request.QueryString = new QueryString("?topic=a");
        var headers = _context.Request.Headers;
        (headers.Connection, headers.Upgrade, headers.SecWebSocketVersion, headers.SecWebSocketKey) = ("Upgrade", "websocket", "13", "dGhlIHNhbXBsZSBub25jZQ==");
        _context.Features.Set<IHttpUpgradeFeature>(this);
        _context.Features.Set<IHttpRequestLifetimeFeature>(this);
    }

    public SpillwayOptions Options { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public LogCollector Logs { get; } = new();

    public FakeSubscription Subscription { get; } = new();

    public bool IsUpgradableRequest => true;

    public bool Aborted => _aborted.IsCancellationRequested;

    public CancellationToken RequestAborted
    {
        get => _aborted.Token;
        set => throw new NotSupportedException();
    }

    public Task HandleAsync() => new WebSocketEndpoint(
        new FakeSubscriptions { Next = Subscription }, Microsoft.Extensions.Options.Options.Create(Options), Time,
        new TransportMetrics(_meters), new HubMetrics(_meters), new AccessJournal(_meters, Logs.For<AccessJournal>()), Logs.For<WebSocketEndpoint>()).HandleAsync(_context, AccessTicket.Everything);

    /// <summary>How often something of ours ended a connection.</summary>
    public double Failed(string reason) => _meters.Sum("spillway.transports.failed_connections", reason);

    /// <summary>How often a subscription was refused for a reason.</summary>
    public double Refused(string reason) => _meters.Sum("spillway.transports.refused_subscriptions", reason);

    public Task<Stream> UpgradeAsync() => Task.FromResult(_stream);

    public void Abort() => _aborted.Cancel();

    public void Dispose()
    {
        _meters.Dispose();
        _aborted.Dispose();
        _stream.Dispose();
        Logs.Dispose();
    }
}
