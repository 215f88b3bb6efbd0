using System.Text;
using System.Text.Json;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.Events;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>What a credential lets a subscriber have, over every transport.</summary>
public sealed class AccessTests(AccessHub hub) : IClassFixture<AccessHub>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [TransportCases]
    public async Task Refused_EachForItsReason_IsAProblemWithAChallenge(TransportCase @case)
    {
        (string? Credential, string Query, int Status, string Problem, string? Value)[] requests =
        [
            (null, "topic=exact", 401, "no-credential", null),
            ("spk_of-nobody", "topic=exact", 401, "invalid-token", null),
            ("a.b.c", "topic=exact", 401, "invalid-token", null),
            (AccessHub.Wide, "topic=exact&token=x", 400, "credential-in-url", null),
            (AccessHub.Wide, "topic=exact&topic=other", 403, "not-granted", "other"),
            (AccessHub.Narrow, "topic=exact", 403, "not-granted", "exact"),
            (AccessHub.Narrow, "pattern=all/*/shared", 403, "not-granted", "all/*/shared"),
            (AccessHub.Narrow, "pattern=**&pattern=exact/**", 403, "not-granted", "exact/**"),
        ];
        var server = hub.For(@case);

        foreach (var (credential, query, status, name, value) in requests)
        {
            var (told, problem, challenge) = await AskAsync(server, @case, query, credential);

            Assert.Equal((status, "urn:spillway:problem:" + name, value), (told, problem.GetProperty("type").GetString(), problem.TryGetProperty("value", out var named) ? named.GetString() : null));
            Assert.StartsWith("Bearer realm=\"spillway\"", challenge, StringComparison.Ordinal);
        }

        await server.WaitForConnectionsAsync(0);
    }

    [Theory]
    [TransportCases]
    public async Task Pattern_GrantedInPart_DeliversExactlyThat(TransportCase @case)
    {
        var (server, name) = (hub.For(@case), ContractHub.NewTopic());
        await using var subscriber = await OpenAsync(server, @case, "pattern=**&topic=exact", AccessHub.Wide);

        await PublishAsync(server, "1", $"all/{name}/secret");
        await PublishAsync(server, "2", $"all/{name}/open");
        await PublishAsync(server, "3", $"all/{name}/secret", $"all/{name}/shared/x");
        await PublishAsync(server, "4", "private", $"all/{name}");
        await PublishAsync(server, "5", "exact");

        Assert.Equal(["2", "3", "5"], await subscriber.NextTextsAsync(3));
    }

    [Theory]
    [TransportCases]
    public async Task Resume_WithNarrowerGrants_GetsOnlyWhatIsGrantedNow(TransportCase @case)
    {
        var (server, name) = (hub.For(@case), ContractHub.NewTopic());
        string position;
        await using (var before = await OpenAsync(server, @case, $"pattern=all/{name}/**", AccessHub.Wide))
        {
            await PublishAsync(server, "1", $"all/{name}/shared/x");
            Assert.Equal(["1"], await before.NextTextsAsync(1));
            position = before.Position;
        }

        await PublishAsync(server, "2", $"all/{name}/shared/x");
        await PublishAsync(server, "3", $"all/{name}/open");
        await using var after = await OpenAsync(server, @case, $"pattern=all/{name}/**&cursor={position}", AccessHub.Narrow);
        Assert.Equal(["3"], await after.NextTextsAsync(1));
        await PublishAsync(server, "4", $"all/{name}/shared/x");
        await PublishAsync(server, "5", $"all/{name}/open");

        Assert.Equal(["5"], await after.NextTextsAsync(1));
    }

    private static Task<TransportSubscriber> OpenAsync(HubServer server, TransportCase @case, string query, string credential) =>
        TransportSubscriber.OpenAsync(server.Endpoint, @case, query, credential: credential);

    private static async Task PublishAsync(HubServer server, string text, string topic, params string[] alternates) =>
        await server.Publisher.PublishAsync(new PushEvent { Topic = topic, Alternates = alternates, Payload = Encoding.UTF8.GetBytes(text) }, Token);

    private static async Task<(int Status, JsonElement Problem, string Challenge)> AskAsync(HubServer server, TransportCase @case, string query, string? credential)
    {
        using var handler = server.Endpoint.CreateHandler();
        using var client = new HttpClient(credential is null ? handler : new BearerHandler(credential, handler));
        using var request = ContractRequest.Create(server.Endpoint.For(@case), @case, $"/events?{query}{@case.Parameters}");
        using var response = await client.SendAsync(request, Token);
        return ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)), response.Headers.WwwAuthenticate.ToString());
    }
}
