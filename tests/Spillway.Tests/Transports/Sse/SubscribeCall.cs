using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Access;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Transports.Hosted;
using Spillway.Transports;
using Spillway.Transports.Polling;
using Spillway.Transports.Sse;

namespace Spillway.Tests.Transports.Sse;

/// <summary>One request to the subscribe endpoint without a server: what it asks, and what it got.</summary>
internal sealed class SubscribeCall
    : IHttpRequestLifetimeFeature, IHttpMinResponseDataRateFeature, IHttpRequestTimeoutFeature, IHttpResponseBodyFeature, IDisposable
{
    private readonly DefaultHttpContext _context = new();
    private readonly MetricCollector _meters = new();
    private readonly MemoryStream _body = new();
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider(); // There is no server.

    public SubscribeCall(string method = "GET", string query = "?topic=a", string? body = null, string? contentType = "application/json")
    {
        _context.Request.Method = method;
        _context.Request.Protocol = "HTTP/1.1";
        _context.Request.QueryString = new QueryString(query);
        if (body is not null)
        {
            SetBody(Encoding.UTF8.GetBytes(body));
            _context.Request.ContentType = contentType;
        }

        Writer = PipeWriter.Create(_body);
        var features = _context.Features;
        features.Set<IHttpRequestLifetimeFeature>(this);
        features.Set<IHttpMinResponseDataRateFeature>(this);
        features.Set<IHttpRequestTimeoutFeature>(this);
        features.Set<IHttpResponseBodyFeature>(this);
    }

    public SpillwayOptions Options { get; } = new();

    /// <summary>What the request may subscribe to.</summary>
    public AccessTicket Ticket { get; set; } = AccessTicket.Everything;

    public FakeSubscriptions Hub { get; } = new() { Next = new FakeSubscription() };

    public ManualTimeProvider Time { get; } = new();

    public IHeaderDictionary RequestHeaders => _context.Request.Headers;

    public HttpResponse Response => _context.Response;

    public string Body => Encoding.UTF8.GetString(_body.ToArray());

    public JsonElement Problem => JsonElement.Parse(_body.ToArray());

    public bool Aborted { get; private set; }

    public bool Completed { get; private set; }

    public bool BufferingDisabled { get; private set; }

    public bool TimeoutDisabled { get; private set; }

    /// <summary>The response's pipe; a test may put one that does not move.</summary>
    public PipeWriter Writer { get; set; }

    public CancellationToken RequestAborted { get; set; }

    public MinDataRate? MinDataRate { get; set; } = new(240, TimeSpan.FromSeconds(5));

    CancellationToken IHttpRequestTimeoutFeature.RequestTimeoutToken => default;

    Stream IHttpResponseBodyFeature.Stream => _body;

    public string Protocol
    {
        set => _context.Request.Protocol = value;
    }

    /// <summary>What the hub was asked, after an answer that was a stream.</summary>
    public static async Task<SubscriptionRequest> AskAsync(string query, string? lastEventId = null)
    {
        using var call = new SubscribeCall("GET", query);
        return await call.AskAsync(lastEventId);
    }

    public async Task<SubscriptionRequest> AskAsync(string? lastEventId = null)
    {
        if (lastEventId is not null)
        {
            RequestHeaders["Last-Event-ID"] = lastEventId;
        }

        await HandleAsync();
        Assert.True(Response.StatusCode == 200, Body);
        return Hub.Asked!;
    }

    public void SetBody(byte[] body, bool declareLength = false)
    {
        _context.Request.Body = new MemoryStream(body);
        _context.Request.ContentLength = declareLength ? body.Length : null;
    }

    public Task HandleAsync() => CreateEndpoint().HandleAsync(_context, Ticket);

    /// <summary>The same, or another transport where the request asks for that; there are no WebSockets.</summary>
    public Task ChooseAsync()
    {
        var options = Microsoft.Extensions.Options.Options.Create(Options);
        var polls = new PollEndpoint(Hub, options, Time, new TransportMetrics(_meters), Journal, NullLogger<PollEndpoint>.Instance);
        return new TransportChoice(CreateEndpoint(), polls, null!, options, new TransportMetrics(_meters)).HandleAsync(_context, Ticket);
    }

    /// <summary>How often a subscription was refused for a reason.</summary>
    public double Refused(string reason) => _meters.Sum("spillway.transports.refused_subscriptions", reason);

    /// <summary>How many polls were answered so.</summary>
    public double Answered(string result) => _meters.Sum("spillway.transports.answered_polls", result);

    public void Abort() => Aborted = true;

    private AccessJournal Journal => new(_meters, NullLogger<AccessJournal>.Instance);

    private SubscribeEndpoint CreateEndpoint() => new(
        Hub, Microsoft.Extensions.Options.Options.Create(Options), Time, new TransportMetrics(_meters), Journal, new ResponseRateWarning(
            _services, Microsoft.Extensions.Options.Options.Create(new KestrelServerOptions()), NullLogger<ResponseRateWarning>.Instance),
        NullLogger<SubscribeEndpoint>.Instance);

    void IHttpRequestTimeoutFeature.DisableTimeout() => TimeoutDisabled = true;

    void IHttpResponseBodyFeature.DisableBuffering() => BufferingDisabled = true;

    async Task IHttpResponseBodyFeature.CompleteAsync()
    {
        await Writer.FlushAsync(TestContext.Current.CancellationToken);
        Completed = true;
    }

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) => throw new InvalidOperationException("A stream is no file.");

    public void Dispose()
    {
        _meters.Dispose();
        _body.Dispose();
        _services.Dispose();
    }
}
