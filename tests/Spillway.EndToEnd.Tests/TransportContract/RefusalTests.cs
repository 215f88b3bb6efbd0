using System.Text.Json;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Requests that get no stream: answered over HTTP in every transport, each with its remedy.</summary>
public sealed class RefusalTests(ContractHub hub) : IClassFixture<ContractHub>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [TransportCases]
    public async Task BadQuery_OfAnyKind_IsAProblemThatNamesTheField(TransportCase @case)
    {
        (string Query, string Name, string Field, string? Option)[] queries =
        [
            ("", "invalid-parameter", "topic", null), ("topic=", "invalid-topic", "topic", null), ("topic=a%2F*", "invalid-topic", "topic", null), ("topic=%00", "invalid-topic", "topic", null),
            ("pattern=**%2Fa", "invalid-topic", "pattern", null), ("topic=a&tpoic=b", "invalid-parameter", "tpoic", null), ("topic=a&cursor=nonsense", "invalid-parameter", "cursor", null),
            ("topic=a&earliest&last=5", "invalid-parameter", "last", null), ("topic=a&last=10001", "invalid-parameter", "last", "Limits:LastEvents"), ("topic=a&since=soon", "invalid-parameter", "since", null),
            ("topic=a&signals=1", "invalid-parameter", "signals", null), ("topic=a&batch=1ms", "invalid-parameter", "batch", "Limits:SubscriptionBatch"),
            (string.Join('&', Enumerable.Range(0, 101).Select(static i => $"topic=t{i}")), "invalid-parameter", "topic", "Limits:SelectorsInQuery"),
        ];
        var server = hub.For(@case);

        foreach (var (query, name, field, option) in queries)
        {
            var (status, problem, _) = await AskAsync(server, @case, query);

            Assert.Equal((400, "urn:spillway:problem:" + name, field), (status, problem.GetProperty("type").GetString(), problem.GetProperty("field").GetString()));
            Assert.Equal(option, problem.TryGetProperty("option", out var told) ? told.GetString() : null);
            Assert.EndsWith(".", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        await server.WaitForConnectionsAsync(0);
    }

    [Theory]
    [TransportCases]
    public async Task UnknownParameter_ThatIsTheClientsOwn_IsIgnored(TransportCase @case)
    {
        await using var subscriber = await TransportSubscriber.OpenAsync(hub.For(@case).Endpoint, @case, "topic=a&_=1763722800");

        Assert.NotEmpty(subscriber.Position);
    }

    [Theory]
    [TransportCases]
    public async Task FullHub_AskedByAClientThatSaysSo_IsAProblemWithADelayUntilThereIsRoom(TransportCase @case)
    {
        await using var server = await ContractHub.StartAsync(@case, static options => options.Limits.Connections = 1);
        await using (await TransportSubscriber.OpenAsync(server.Endpoint, TransportCase.All[0], "topic=a")) // Holds its connection.
        {
            var (status, problem, delay) = await AskAsync(server, @case, "topic=a");

            Assert.Equal((503, "urn:spillway:problem:overloaded"), (status, problem.GetProperty("type").GetString()));
            Assert.InRange(delay?.TotalSeconds ?? 0, 1, 5);
        }

        await server.WaitForConnectionsAsync(0);
        await using var next = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a");
        Assert.NotEmpty(next.Position);
    }

    private static async Task<(int Status, JsonElement Problem, TimeSpan? Delay)> AskAsync(HubServer server, TransportCase @case, string query)
    {
        using var client = new HttpClient(server.Endpoint.CreateHandler());
        using var request = ContractRequest.Create(server.Endpoint.For(@case), @case, $"/events?{query}{(query.Length > 0 ? @case.Parameters : "")}");
        request.Headers.Add("Spillway-Client", "test/1");
        using var response = await client.SendAsync(request, Token);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)), response.Headers.RetryAfter?.Delta);
    }
}
