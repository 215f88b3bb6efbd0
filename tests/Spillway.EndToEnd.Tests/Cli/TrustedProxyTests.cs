using Microsoft.AspNetCore.Builder;
using Spillway.Cli.Serve;
using Spillway.Cli.Serve.Tls;

namespace Spillway.EndToEnd.Tests.Cli;

/// <summary>What proxies say of a request's client, believed and not.</summary>
public sealed class TrustedProxyTests : IAsyncDisposable
{
    private WebApplication? _app;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _app?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Theory]
    [InlineData("127.0.0.1", "192.0.2.7", 200)]
    [InlineData("127.0.0.0/8", "192.0.2.7", 200)]
    [InlineData("127.0.0.0/8", "192.0.2.7, 127.0.0.9", 200)] // Two of them, both trusted.
    [InlineData("::1", "192.0.2.7", 401)] // Not where it comes from.
    [InlineData("10.0.0.0/8", "192.0.2.7", 401)]
    [InlineData(null, "192.0.2.7", 401)]
    [InlineData("127.0.0.1", "192.0.2.7, 203.0.113.9", 401)] // What the client wrote itself stands before what the proxy adds.
    [InlineData("127.0.0.1", "nonsense", 401)]
    [InlineData("127.0.0.1", "", 401)]
    public async Task Serve_TokenBoundToAnAddress_IsGoodForWhomATrustedProxyNames(string? trusted, string forwarded, int status)
    {
        await StartAsync(trusted);

        using var response = await AskAsync(forwarded, "http");

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1", "https", true)]
    [InlineData("127.0.0.1", "http", false)]
    [InlineData("10.0.0.1", "https", false)]
    public async Task Serve_SchemeOfATrustedProxy_IsThatOfTheRequest(string trusted, string scheme, bool isSaid)
    {
        await StartAsync(trusted);

        using var response = await AskAsync("192.0.2.7", scheme);

        Assert.Equal(isSaid, response.Headers.Contains("Strict-Transport-Security"));
    }

    private async Task StartAsync(string? trusted)
    {
        _app = ServeApp.Build(SettingsReader.Read(new Dictionary<string, string>(), null, new Dictionary<string, string?>(BoundToken.Settings)
        {
            [SettingsReader.UrlsKey] = "http://127.0.0.1:0",
            [SettingsReader.LogLevelKey] = "error",
            [$"{ProxyOptions.Section}:Trusted:0"] = trusted,
            [$"{TlsOptions.Section}:Hsts"] = "1h",
        }));
        await _app.StartAsync(Stop);
    }

    private async Task<HttpResponseMessage> AskAsync(string forwarded, string scheme)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(_app!.Urls.First()), "/events?topic=a"));
        request.Headers.Host = "hub.example";
        request.Headers.Add("Accept", "application/json");
        request.Headers.Add("Authorization", "Bearer " + BoundToken.Make("192.0.2.0/24"));
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwarded);
        request.Headers.Add("X-Forwarded-Proto", scheme);
        return await http.SendAsync(request, Stop);
    }
}
