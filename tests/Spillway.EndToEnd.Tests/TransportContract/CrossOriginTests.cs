using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>What a page of another origin may ask for, and read, over every transport.</summary>
public sealed class CrossOriginTests
{
    private const string Listed = "https://app.example";
    private const string Foreign = "https://evil.example";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [TransportCases]
    public async Task Answer_WhateverItsStatus_IsForPagesOfListedOriginsAlone(TransportCase @case)
    {
        var good = @case.IsWebSocket && @case.Http == 1 ? 101 : 200;
        (string? Credential, string Topic, string? Origin, int Status)[] requests =
        [
            (AccessHub.Wide, "exact", Listed, good), (AccessHub.Wide, "exact", null, good), (AccessHub.Wide, "exact", Foreign, @case.IsWebSocket ? 403 : good),
            (AccessHub.Wide, "other", Listed, 403), (AccessHub.Wide, "other", Foreign, 403), (null, "exact", Listed, 401), (null, "exact", Foreign, @case.IsWebSocket ? 403 : 401),
            ("spk_of-nobody", "exact", Listed, 401),
        ];
        await using var server = await StartAsync(@case);

        foreach (var (credential, topic, origin, status) in requests)
        {
            using var response = await AskAsync(server, @case, credential, topic, origin);

            Assert.Equal(status, (int)response.StatusCode);
            AssertTold(response, origin == Listed && !@case.IsWebSocket);
        }

        Assert.Equal(@case.IsWebSocket ? 3 : 0, server.Metrics.Sum("spillway.access.refused_requests", "foreign-origin"));
        await server.WaitForConnectionsAsync(0);
    }

    [Theory]
    [InlineData("/events", "GET", 1)]
    [InlineData("/events", "QUERY", 2)]
    [InlineData("/subscribe", "POST", 1)]
    [InlineData("/topics/a/b", "POST", 2)]
    public async Task Preflight_WithoutACredential_IsAnsweredToListedOriginsAlone(string path, string method, int http)
    {
        await using var server = await HubServer.StartAsync(Configure);
        using var client = http == 2 ? server.CreateHttp2Client() : null;

        foreach (var origin in (string[])[Listed, Foreign])
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, path) { Version = new Version(http, http == 1 ? 1 : 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", method);
            request.Headers.Add("Access-Control-Request-Headers", "authorization, spillway-type");
            using var response = await (client ?? server.Client).SendAsync(request, Token);

            Assert.Equal(origin == Listed ? 204 : 403, (int)response.StatusCode);
            AssertTold(response, origin == Listed);
            Assert.Equal(origin == Listed, response.Headers.Contains("Access-Control-Allow-Methods"));
        }
    }

    [Theory]
    [InlineData("GET", "/events?topic=exact", 200, null)]
    [InlineData("POST", "/topics/exact", 403, "not-granted")]
    [InlineData("POST", "/connections/c-nobody/token", 404, "unknown-connection")]
    public async Task Cookie_OfAPage_CountsFromListedOriginsAlone(string method, string path, int status, string? problem)
    {
        await using var server = await HubServer.StartAsync(Configure);

        foreach (var origin in (string[])[Listed, Foreign])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "Origin", origin }, { "Cookie", $"spillway-token={AccessHub.Wide}" }, { "Accept", "application/json" } } };
            using var response = await server.Client.SendAsync(request, Token);

            Assert.Equal(origin == Listed ? status : 403, (int)response.StatusCode);
            Assert.Contains(origin == Listed ? problem ?? "" : "urn:spillway:problem:foreign-origin", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
            AssertTold(response, origin == Listed);
        }
    }

    private static Task<HubServer> StartAsync(TransportCase @case) => ContractHub.StartAsync(@case, Configure);

    private static void Configure(SpillwayOptions options)
    {
        AccessHub.Configure(options);
        options.Access.Origins.Add(Listed);
    }

    private static void AssertTold(HttpResponseMessage response, bool isTold)
    {
        string[] expected = isTold ? [Listed, "true", "Retry-After", "WWW-Authenticate"] : [];
        string[] names = ["Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers"];
        Assert.Equal(expected, names.SelectMany(name => response.Headers.TryGetValues(name, out var values) ? values.SelectMany(static value => value.Split(", ")) : []));
    }

    private static async Task<HttpResponseMessage> AskAsync(HubServer server, TransportCase @case, string? credential, string topic, string? origin)
    {
        var handler = server.Endpoint.CreateHandler();
        using var client = new HttpClient(credential is null ? handler : new BearerHandler(credential, handler));
        using var request = ContractRequest.Create(server.Endpoint.For(@case), @case, $"/events?topic={topic}{@case.Parameters}");
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }
}
