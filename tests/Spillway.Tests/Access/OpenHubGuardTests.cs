using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Spillway.Access;

namespace Spillway.Tests.Access;

public sealed class OpenHubGuardTests : IDisposable
{
    private readonly ServiceProvider _host = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly OpenHubGuard _guard;
    private readonly OriginsGuard _origins;
    private bool _reached;

    public OpenHubGuardTests()
    {
        var journal = new AccessJournal(_host.GetRequiredService<IMeterFactory>(), NullLogger<AccessJournal>.Instance);
        _origins = new OriginsGuard(Options.Create(new SpillwayOptions()), journal);
        _guard = new OpenHubGuard(journal, _origins);
    }

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("Accept", "text/event-stream")]
    [InlineData("Origin", "http://localhost:8080")]
    [InlineData("Origin", "http://127.0.0.1:8080")]
    [InlineData("Origin", "https://[::1]:8080")]
    [InlineData("Referer", "https://example.com/")] // Not from a page's script: curl --referer, or a browser too old to say.
    [InlineData("X-Request-Id", "1")]
    [InlineData("Forward", "1")]
    [InlineData("X-Real", "1")]
    public async Task InvokeAsync_PlainlyLocal_IsHandedOn(string header, string value)
    {
        await InvokeAsync(request => request.Headers[header] = value);

        Assert.True(_reached);
    }

    [Theory]
    [InlineData("https://app.example", true)]
    [InlineData("https://app.example:8443", false)]
    [InlineData("https://other.example", false)]
    [InlineData("null", false)]
    public async Task InvokeAsync_PageOfAnOrigin_IsHandedOnIfThatIsNamed(string origin, bool isNamed)
    {
        _origins.Prepare(new SpillwayOptions { Access = { Origins = { "https://APP.example:443" } } })!.Apply();

        await InvokeAsync(request => (request.Headers.Origin, request.Headers.Referer, request.Headers["Sec-Fetch-Mode"]) = (origin, origin + "/page", "cors"));
        var byOrigin = _reached;
        _reached = false;
        await InvokeAsync(request => (request.Headers.Referer, request.Headers["Sec-Fetch-Mode"]) = (origin + "/page", "no-cors"));

        Assert.Equal((isNamed, isNamed), (byOrigin, _reached));
    }

    [Fact]
    public async Task InvokeAsync_EveryOriginIsListed_IsNoneOfAnOpenHub()
    {
        _origins.Prepare(new SpillwayOptions { Access = { Origins = { "*" } } })!.Apply();

        var problem = await InvokeAsync(request => request.Headers.Origin = "https://app.example");

        AssertRefused(problem, "Origin", "https://app.example");
    }

    [Theory]
    [InlineData("http://localhost", "localhost", "http")]
    [InlineData("https://localhost", "localhost", "https")]
    [InlineData("https://localhost:443", "localhost", "https")]
    [InlineData("http://localhost", "localhost:80", "http")]
    public async Task InvokeAsync_PortsLeftOut_AreThoseOfTheScheme(string origin, string host, string scheme)
    {
        await InvokeAsync(request => (request.Headers.Origin, request.Headers.Host, request.Scheme) = (origin, host, scheme));

        Assert.True(_reached);
    }

    [Theory]
    [InlineData("example.com")] // DNS rebinding: the page's own name, made to lead here.
    [InlineData("example.com:8080")]
    [InlineData("localhost.example.com:8080")]
    [InlineData("")]
    public async Task InvokeAsync_ForeignHost_Is403(string host)
    {
        var problem = await InvokeAsync(request => request.Headers.Host = host);

        AssertRefused(problem, "Host", host);
    }

    [Fact]
    public async Task InvokeAsync_NoHost_Is403()
    {
        AssertRefused(await InvokeAsync(static request => request.Headers.Remove("Host")), "Host", "");
    }

    [Fact]
    public async Task InvokeAsync_TwoHosts_Is403()
    {
        AssertRefused(await InvokeAsync(static request => request.Headers.Host = new StringValues(["localhost", "example.com"])), "Host", "localhost,example.com");
    }

    [Theory]
    [InlineData("Forwarded")]
    [InlineData("FORWARDED")]
    [InlineData("Forwarded-For")]
    [InlineData("X-Forwarded")]
    [InlineData("X-Forwarded-For")]
    [InlineData("x-forwarded-proto")]
    [InlineData("X-FORWARDED-HOST")]
    [InlineData("X-Forwarded-Client-Cert")]
    [InlineData("X_Forwarded_For")]
    [InlineData("X-Forwarded_For")]
    [InlineData("X-Real-IP")]
    [InlineData("x-real-ip")]
    [InlineData("X_Real_IP")]
    [InlineData("X-Original-For")]
    [InlineData("X-Original-Host")]
    [InlineData("X-Client-IP")]
    [InlineData("True-Client-IP")]
    [InlineData("CF-Connecting-IP")]
    [InlineData("CDN-Loop")]
    [InlineData("X-Envoy-External-Address")]
    [InlineData("Via")]
    [InlineData("VIA")]
    public async Task InvokeAsync_HeaderOfAProxy_Is403(string header)
    {
        AssertRefused(await InvokeAsync(request => request.Headers[header] = "127.0.0.1"), header, "127.0.0.1");
        AssertRefused(await InvokeAsync(request => request.Headers[header] = ""), header, ""); // Its presence is enough.
    }

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("https://example.com")]
    [InlineData("http://example.com:8080")]
    [InlineData("http://localhost")] // Another program of this machine.
    [InlineData("http://localhost:3000")]
    [InlineData("http://localhost:8080.example.com")]
    [InlineData("http://localhost.example.com:8080")]
    [InlineData("http://localhost:8080@example.com")]
    [InlineData("http://localhost:8080/")]
    [InlineData("http://localhost:8080, https://example.com")]
    [InlineData("http://localhost:8080 https://example.com")]
    [InlineData("chrome-extension://localhost:8080")]
    [InlineData("file://")]
    [InlineData("localhost:8080")]
    [InlineData("//localhost:8080")]
    [InlineData("http:localhost:8080")]
    public async Task InvokeAsync_ForeignOrigin_Is403(string origin)
    {
        AssertRefused(await InvokeAsync(request => request.Headers.Origin = origin), "Origin", origin);
    }

    [Fact]
    public async Task InvokeAsync_TwoOrigins_Is403()
    {
        var origins = new StringValues(["http://localhost:8080", "http://localhost:8080"]);

        AssertRefused(await InvokeAsync(request => request.Headers.Origin = origins), "Origin", "http://localhost:8080,http://localhost:8080");
    }

    [Theory]
    [InlineData("cors", "https://example.com/page", false)]
    [InlineData("no-cors", "https://localhost.example.com/", false)]
    [InlineData("websocket", "nonsense", false)]
    [InlineData("navigate", "https://example.com/page", true)] // A link that was followed.
    [InlineData("cors", "http://localhost:5173/page", true)] // A development server that proxies to us.
    [InlineData("cors", "http://[::1]/", true)]
    [InlineData("same-origin", null, true)]
    public async Task InvokeAsync_RefererOfAScript_MustBeThisMachine(string mode, string? referer, bool expected)
    {
        var problem = await InvokeAsync(request => (request.Headers["Sec-Fetch-Mode"], request.Headers.Referer) = (mode, referer));

        Assert.Equal(expected, _reached);
        if (!expected)
        {
            AssertRefused(problem, "Referer", referer!);
        }
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("::ffff:127.0.0.1", "::ffff:127.0.0.1", true)]
    [InlineData("::1", "::1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("10.0.0.1", "127.0.0.1", false)]
    [InlineData("127.0.0.1", "10.0.0.2", false)]
    public async Task InvokeAsync_Address_MustBeLoopback(string local, string remote, bool expected)
    {
        var problem = await InvokeAsync(request =>
        {
            request.HttpContext.Connection.LocalIpAddress = IPAddress.Parse(local);
            request.HttpContext.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        });

        Assert.Equal(expected, _reached);
        Assert.Equal(expected, problem is null);
        Assert.Contains("10.0.0.", problem?.GetProperty("detail").GetString() ?? "10.0.0.", StringComparison.Ordinal);
    }

    [Fact]
    public async Task InvokeAsync_LongValue_IsCut()
    {
        var problem = await InvokeAsync(static request => request.Headers.Host = new string('a', 10_000));

        AssertRefused(problem, "Host", new string('a', 100));
        Assert.True(problem!.Value.GetProperty("detail").GetString()!.Length < 400);
    }

    [Fact]
    public async Task InvokeAsync_Refusals_AreCountedByReason()
    {
        var reasons = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "spillway.access.refused_requests" && instrument.Meter.Scope == _host.GetRequiredService<IMeterFactory>())
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => reasons.Add((string)tags[0].Value!));
        listener.Start();

        await InvokeAsync(static request => request.Headers.Host = "example.com");
        await InvokeAsync(static request => request.Headers["Via"] = "1.1 x");
        await InvokeAsync(static request => request.Headers.Origin = "null");
        await InvokeAsync(static request => request.HttpContext.Connection.LocalIpAddress = IPAddress.Parse("10.0.0.1"));
        await InvokeAsync(static _ => { });

        Assert.Equal(["host", "proxy", "origin", "address"], reasons);
    }

    private static void AssertRefused(JsonElement? problem, string header, string value)
    {
        Assert.NotNull(problem);
        Assert.Equal("urn:spillway:problem:open-hub", problem.Value.GetProperty("type").GetString());
        Assert.Equal((header, value), (problem.Value.GetProperty("field").GetString(), problem.Value.GetProperty("value").GetString()));
        var detail = problem.Value.GetProperty("detail").GetString()!;
        Assert.Contains($"{header} \"{value}\"", detail, StringComparison.Ordinal);
        Assert.Contains("--access", detail, StringComparison.Ordinal);
    }

    // A request to http://localhost:8080, changed by the test; returns the problem, if it was refused.
    private async Task<JsonElement?> InvokeAsync(Action<HttpRequest> change)
    {
        var context = new DefaultHttpContext();
        context.Request.Scheme = "http";
        context.Request.Headers.Host = "localhost:8080";
        context.Response.Body = new MemoryStream();
        change(context.Request);
        _reached = false;

        await _guard.InvokeAsync(context, _ =>
        {
            _reached = true;
            return Task.CompletedTask;
        });

        if (_reached)
        {
            return null;
        }

        Assert.Equal((403, "application/problem+json"), (context.Response.StatusCode, context.Response.ContentType));
        return JsonDocument.Parse(((MemoryStream)context.Response.Body).ToArray()).RootElement;
    }
}
