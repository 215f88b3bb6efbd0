using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.TestKit;
using Spillway.Tests.Tidy;

namespace Spillway.Tests.Access;

/// <summary>What pages of other origins may ask for and read.</summary>
public sealed partial class OriginsGuardTests : IDisposable
{
    private const string Listed = "https://app.example";
    private const string Foreign = "https://evil.example";

    private readonly MetricCollector _metrics = new();
    private readonly LogCollector _logs = new();
    private readonly DefaultHttpContext _context = new();
    private readonly MemoryStream _body = new();
    private readonly Task _served = new TaskCompletionSource().Task; // A stream that does not end.
    private bool _isReached;

    public OriginsGuardTests()
    {
        _context.Request.Headers.Host = "hub.example";
        _context.Response.Body = _body;
    }

    private IHeaderDictionary Told => _context.Response.Headers;

    [Theory]
    [InlineData(Listed, "GET")]
    [InlineData("http://127.0.0.1:5173", "QUERY")]
    public async Task InvokeAsync_PreflightOfAListedOrigin_IsAnsweredBeforeAnyGate(string origin, string method)
    {
        Preflight(origin, method);

        await InvokeAsync(static access => access.PreflightMaxAge = TimeSpan.FromHours(1), Listed, "http://127.0.0.1:5173");

        Assert.Equal((false, 204), (_isReached, _context.Response.StatusCode));
        Assert.Equal(origin, Told.AccessControlAllowOrigin);
        Assert.Equal(("true", "3600", "Origin"), (Told.AccessControlAllowCredentials.ToString(), Told.AccessControlMaxAge.ToString(), Told.Vary.ToString()));
        Assert.Equal(["GET", "POST", "QUERY", "DELETE"], Told.AccessControlAllowMethods.ToString().Split(", "));
        Assert.Empty(_body.ToArray());
    }

    [Fact]
    public async Task InvokeAsync_Preflight_AllowsEveryHeaderThatTheProtocolNames()
    {
        Preflight(Listed, "POST");
        var page = Repository.Files.Single(static file => file.Path == "docs/protocol.md").Text;

        await InvokeAsync(Listed);

        string[] expected = ["Authorization", "Content-Type", "Last-Event-ID", "Cache-Control", "Idempotency-Key", "traceparent", .. OwnHeader().Matches(page).Select(static match => match.Value).Distinct()];
        Assert.True(expected.Length > 12);
        Assert.Equal(expected.Order(StringComparer.Ordinal), Told.AccessControlAllowHeaders.ToString().Split(", ").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Foreign)]
    [InlineData("null")]
    [InlineData("https://app.example:8443")]
    [InlineData("http://app.example")]
    [InlineData("https://app.example.evil.example")]
    [InlineData("https://app.example, https://app.example")]
    public async Task InvokeAsync_PreflightOfAnotherOrigin_Is403AndToldNothing(string origin)
    {
        Preflight(origin, "POST");

        await InvokeAsync(Listed);

        Assert.Equal((false, 403), (_isReached, _context.Response.StatusCode));
        Assert.Contains("\"urn:spillway:problem:foreign-origin\"", Encoding.UTF8.GetString(_body.ToArray()), StringComparison.Ordinal);
        Assert.DoesNotContain(Told, static header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
        Assert.Equal("Origin", Told.Vary);
        Assert.Equal(1, _metrics.Sum("spillway.access.refused_requests", "foreign-origin"));
    }

    [Fact]
    public async Task InvokeAsync_NobodyIsListed_HandsOnWithoutAWord()
    {
        _context.Request.Headers.Origin = Foreign;

        var task = await InvokeAsync();

        Assert.True(_isReached);
        Assert.Same(_served, task);
        Assert.Empty(Told);
    }

    [Theory]
    [InlineData(Listed, true)]
    [InlineData(Foreign, false)]
    [InlineData(null, false)]
    public async Task InvokeAsync_Request_IsHandedOnAndSaysWhoMayReadTheAnswer(string? origin, bool isTold)
    {
        if (origin is not null)
        {
            _context.Request.Headers.Origin = origin;
        }

        var task = await InvokeAsync(Listed);

        Assert.Same(_served, task); // Without a frame of its own.
        Assert.Equal("Origin", Told.Vary);
        Assert.Equal(isTold ? Listed : "", Told.AccessControlAllowOrigin.ToString());
        Assert.Equal(isTold ? "true" : "", Told.AccessControlAllowCredentials.ToString());
        Assert.Equal(isTold ? "Retry-After, WWW-Authenticate" : "", Told.AccessControlExposeHeaders.ToString());
        Assert.False(Told.ContainsKey("Access-Control-Allow-Headers"));
    }

    [Fact]
    public async Task InvokeAsync_CredentialsAreOff_IsToldWithoutThem()
    {
        _context.Request.Headers.Origin = Listed;

        await InvokeAsync(static access => access.OriginCredentials = false, Listed);

        Assert.Equal((Listed, false), (Told.AccessControlAllowOrigin.ToString(), Told.ContainsKey("Access-Control-Allow-Credentials")));
    }

    [Theory]
    [InlineData(Foreign)]
    [InlineData("null")]
    [InlineData(null)]
    public async Task InvokeAsync_EveryOriginIsListed_SaysSoToAllAndNeverWithCredentials(string? origin)
    {
        if (origin is not null)
        {
            _context.Request.Headers.Origin = origin;
        }

        await InvokeAsync("*");

        Assert.Equal("*", Told.AccessControlAllowOrigin);
        Assert.False(Told.ContainsKey("Access-Control-Allow-Credentials"));
        Assert.False(Told.ContainsKey("Vary")); // The answer is the same for everybody.
    }

    [Theory]
    [InlineData("OPTIONS", null)]
    [InlineData("POST", "POST")]
    public async Task InvokeAsync_NoPreflight_IsHandedOn(string method, string? asked)
    {
        Preflight(Foreign, asked ?? "");
        _context.Request.Method = method;
        if (asked is null)
        {
            _context.Request.Headers.Remove("Access-Control-Request-Method");
        }

        await InvokeAsync(Listed);

        Assert.True(_isReached);
    }

    [Theory]
    [InlineData("https://hub.example", null, true)]
    [InlineData("http://HUB.example", null, true)]
    [InlineData("https://public.example", "same-origin", true)]
    [InlineData(null, null, true)] // No browser.
    [InlineData(Listed, "cross-site", true)]
    [InlineData(Foreign, null, false)]
    [InlineData(Foreign, "same-site", false)]
    [InlineData("https://hub.example:8443", null, false)]
    [InlineData("null", null, false)]
    [InlineData("", null, false)]
    public async Task InvokeAsync_WebSocket_IsForPagesOfTheHubAndOfListedOrigins(string? origin, string? site, bool isGood)
    {
        Ask(origin, site);

        await InvokeAsync(Listed);

        AssertSocket(isGood);
    }

    [Theory]
    [InlineData(Foreign, true)]
    [InlineData("null", false)]
    [InlineData("", false)]
    public async Task InvokeAsync_WebSocketWhereEveryOriginIsListed_IsForAllThatAreSomewhere(string origin, bool isGood)
    {
        Ask(origin, null);

        await InvokeAsync("*");

        AssertSocket(isGood);
    }

    [Fact]
    public async Task Prepare_OriginIsListedNow_HoldsForTheNextRequest()
    {
        var guard = Guard(new AccessOptions());
        Ask(Foreign, null);
        await ServeAsync(guard);
        var before = _isReached;

        guard.Prepare(new SpillwayOptions { Access = { Origins = { Foreign } } })!.Apply();
        await ServeAsync(guard);

        Assert.Equal((false, true), (before, _isReached));
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _logs.Dispose();
        _body.Dispose();
    }

    private void AssertSocket(bool isGood)
    {
        Assert.Equal((isGood, isGood ? 200 : 403), (_isReached, _context.Response.StatusCode));
        Assert.Equal(isGood ? 0 : 1, _metrics.Sum("spillway.access.refused_requests", "foreign-origin"));
        Assert.DoesNotContain(Told, static header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    private void Preflight(string origin, string method)
    {
        _context.Request.Method = "OPTIONS";
        _context.Request.Headers.Origin = origin;
        _context.Request.Headers.AccessControlRequestMethod = method;
        _context.Request.Headers.AccessControlRequestHeaders = "authorization";
    }

    private void Ask(string? origin, string? site)
    {
        _context.Request.Headers.Upgrade = "websocket";
        if (origin is not null)
        {
            _context.Request.Headers.Origin = origin;
        }

        if (site is not null)
        {
            _context.Request.Headers["Sec-Fetch-Site"] = site;
        }
    }

    private OriginsGuard Guard(AccessOptions access)
    {
        var options = new SpillwayOptions { Access = access };
        Assert.Empty(SpillwayOptionsValidator.FindFaults(options));
        return new OriginsGuard(Options.Create(options), new AccessJournal(_metrics, _logs.For<AccessJournal>()));
    }

    private Task<Task> InvokeAsync(params string[] listed) => InvokeAsync(static _ => { }, listed);

    private async Task<Task> InvokeAsync(Action<AccessOptions> change, params string[] listed)
    {
        var access = new AccessOptions();
        Array.ForEach(listed, access.Origins.Add);
        change(access);
        return await ServeAsync(Guard(access));
    }

    /// <summary>Returns what the guard does, ended unless the request was handed on.</summary>
    private async Task<Task> ServeAsync(OriginsGuard guard)
    {
        var task = guard.InvokeAsync(_context, _context.Request.Headers.Upgrade == "websocket", _ =>
        {
            _isReached = true;
            return _served;
        });
        if (!_isReached)
        {
            await task;
        }

        return task;
    }

    [GeneratedRegex("Spillway-[A-Z][A-Za-z]+")]
    private static partial Regex OwnHeader();
}
