using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.EndToEnd.Tests.TransportContract;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>Mercure hubs over each kind of sockets, and tokens of both dialects; as a fixture.</summary>
public sealed class MercureHub : SharedHubs
{
    public const string Path = "/.well-known/mercure";

    private const string Url = "https://hub.example/.well-known/mercure";
    private const string Issuer = "https://login.example";
    private const string Key = "!ChangeThisMercureHubJWTSecretKey!";
    private const string IssuerKey = "a-secret-of-the-issuer-with-32-bytes-or-more";

    private static int _topics;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A topic that no other test uses.</summary>
    internal static string NewTopic() => $"https://example.com/t{Interlocked.Increment(ref _topics)}";

    internal static void Configure(SpillwayOptions options)
    {
        options.Access.Mode = AccessMode.Tokens;
        options.Access.Anonymous.Subscribe.Add("**");
        options.Access.Issuers.Add(new IssuerOptions { Issuer = Issuer, Audience = Url, Algorithms = { "HS256" }, Keys = { new IssuerKeyOptions { Secret = IssuerKey } } });
        options.Mercure.Enabled = true;
        options.Mercure.Url = Url;
        options.Mercure.Anonymous = true;
        options.Mercure.PublisherKey = options.Mercure.SubscriberKey = Key;
    }

    /// <summary>A token of 0.x, as its clients make them.</summary>
    internal static string Classic(string[]? publish = null, string[]? subscribe = null) =>
        Sign(Key, """{"alg":"HS256","typ":"JWT"}""", JsonSerializer.Serialize(new { mercure = new { publish = publish ?? [], subscribe = subscribe ?? [] } }));

    /// <summary>One that may publish everything, signed by somebody else.</summary>
    internal static string Classic(string algorithm, Func<byte[], byte[]> sign) => Sign(sign, JsonSerializer.Serialize(new { alg = algorithm, typ = "JWT" }), """{"mercure":{"publish":["*"]}}""");

    /// <summary>An access token of draft 8 that may do one thing with some topics.</summary>
    internal static string Draft(string action, params (string Type, string Match)[] topics) => Draft(action, "somebody", topics);

    /// <summary>The same of a subject.</summary>
    internal static string Draft(string action, string subject, params (string Type, string Match)[] topics)
    {
        var list = string.Join(',', topics.Select(static topic => JsonSerializer.Serialize(new { match = topic.Match, match_type = topic.Type })));
        var details = $$"""[{"type":"https://mercure.rocks/authorization-detail","actions":["{{action}}"],"topics":[{{list}}]}]""";
        return Sign(IssuerKey, """{"alg":"HS256","typ":"at+jwt"}""", $$"""{"iss":"{{Issuer}}","aud":"{{Url}}","sub":"{{subject}}","exp":4102444800,"authorization_details":{{details}}}""");
    }

    internal static async Task<HttpResponseMessage> PostAsync(HubServer server, string? token, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new FormUrlEncodedContent(fields.Select(static field => KeyValuePair.Create(field.Name, field.Value))) };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await server.Client.SendAsync(request, Token);
    }

    /// <summary>Publishes, and says the id that the hub answered.</summary>
    internal static async Task<string> PublishAsync(HubServer server, params (string Name, string Value)[] fields)
    {
        using var response = await PostAsync(server, Classic(publish: ["*"]), fields);
        var id = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == HttpStatusCode.OK, id);
        return id;
    }

    /// <summary>Subscribes, and returns when the head is there.</summary>
    internal static async Task<StreamSubscriber> SubscribeAsync(HubServer server, string query, string? token = null, string? lastEventId = null)
    {
        using var client = token is null ? null : new HttpClient(new BearerHandler(token, server.Endpoint.CreateHandler())) { BaseAddress = server.Address };
        return await StreamSubscriber.OpenAsync(client ?? server.Client, $"{Path}?{query}", lastEventId);
    }

    /// <summary>The next line of data in a stream.</summary>
    internal static async Task<string> NextDataLineAsync(StreamReader reader)
    {
        string? line;
        while ((line = await reader.ReadLineAsync(Token)) is not null && !line.StartsWith("data", StringComparison.Ordinal))
        {
        }

        return line ?? "";
    }

    protected override void SetOptions(SpillwayOptions options) => Configure(options);

    private static string Sign(string key, string header, string payload) => Sign(signed => HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), signed), header, payload);

    private static string Sign(Func<byte[], byte[]> sign, string header, string payload)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.UTF8.GetBytes(signed)))}";
    }
}
