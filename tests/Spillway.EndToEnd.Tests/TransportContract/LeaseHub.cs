using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>A hub whose clock is put forward, that takes tokens; and who makes them.</summary>
internal sealed class LeaseHub(HubServer server, ForwardClock clock) : IAsyncDisposable
{
    private const string Operator = "spk_0000000000000000000000000operator";
    private const string Secret = "0123456789abcdef0123456789abcdef";

    public HubServer Server => server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<LeaseHub> StartAsync(TransportCase @case)
    {
        var clock = new ForwardClock();
        var server = await ContractHub.StartAsync(
            @case,
            static options =>
            {
                options.Sse.KeepAlive = TimeSpan.FromDays(1); // The clock goes on by hours here, and every keep-alive of such a hub has a cursor.
                options.Access.Mode = AccessMode.Tokens;
                options.Access.Issuers.Add(new IssuerOptions { Algorithms = { "HS256" }, Keys = { new IssuerKeyOptions { Secret = Secret } }, Skew = TimeSpan.Zero });
                options.Access.ApiKeys.Add(new ApiKeyOptions { Id = "operator", Sha256 = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Operator))), Admin = true });
            },
            builder => clock.AddTo(builder.Services));
        return new LeaseHub(server, clock);
    }

    public void Forward(TimeSpan time) => clock.Forward(time);

    /// <summary>A token for some minutes from now.</summary>
    public string Mint(string subject, double minutes, params string[] subscribe)
    {
        var now = clock.GetUtcNow();
        var payload = JsonSerializer.Serialize(new
        {
            sub = subject,
            jti = $"{subject}-{subscribe.Length}",
            iat = now.ToUnixTimeSeconds(),
            exp = now.AddMinutes(minutes).ToUnixTimeSeconds(),
            spillway = new { subscribe },
        });
        var signed = $"{Encode("""{"alg":"HS256"}"""u8)}.{Encode(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(signed)))}";
    }

    /// <summary>Opens a stream. Whose opening is read may be asked for at once.</summary>
    public Task<TransportSubscriber> OpenAsync(TransportCase @case, string query, string credential) => TransportSubscriber.OpenAsync(server.Endpoint, @case, query, credential: credential);

    /// <summary>Presents another token for a connection.</summary>
    public Task<(int Status, JsonElement Answer)> RenewAsync(string? connection, string credential) => AskAsync("POST", $"connections/{connection}/token", credential, null);

    /// <summary>Does what operators do.</summary>
    public Task<(int Status, JsonElement Answer)> OperateAsync(string method, string path, object? body = null) => AskAsync(method, path, Operator, body);

    public async Task<(int Status, JsonElement Answer)> AskAsync(string method, string path, string credential, object? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "Authorization", "Bearer " + credential }, { "Accept", "application/json" } } };
        request.Content = body is null ? null : JsonContent.Create(body);
        using var response = await server.Client.SendAsync(request, Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonElement.Parse(text));
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
