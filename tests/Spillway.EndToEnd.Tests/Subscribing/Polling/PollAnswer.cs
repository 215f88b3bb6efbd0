using System.Text;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.Subscribing.Polling;

/// <summary>What a poll got.</summary>
internal sealed record PollAnswer(int Status, Version Version, IReadOnlyDictionary<string, string> Headers, JsonElement Body)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public JsonElement[] Entries => [.. Body.GetProperty("entries").EnumerateArray()];

    public string Cursor => Body.GetProperty("cursor").GetString()!;

    public bool More => Body.TryGetProperty("more", out var more) && more.GetBoolean();

    public int Retry => Body.TryGetProperty("retry", out var retry) ? retry.GetInt32() : 0;

    /// <summary>The payloads of the events.</summary>
    public string[] Payloads => [.. Entries.Where(static entry => entry.TryGetProperty("topic", out _)).Select(static entry => entry.GetProperty("payload").ToString())];

    /// <summary>The names of the signals.</summary>
    public string[] Signals => [.. Entries.Where(static entry => entry.TryGetProperty("signal", out _)).Select(static entry => entry.GetProperty("signal").GetString()!)];

    /// <summary>Polls by GET.</summary>
    public static Task<PollAnswer> GetAsync(HttpClient client, string path, string? lastEventId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        return SendAsync(client, request);
    }

    /// <summary>Polls by a method with a body.</summary>
    public static Task<PollAnswer> SendAsync(HttpClient client, string method, string path, string body) =>
        SendAsync(client, new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, Encoding.UTF8, "application/json") });

    private static async Task<PollAnswer> SendAsync(HttpClient client, HttpRequestMessage request)
    {
        using (request)
        {
            (request.Version, request.VersionPolicy) = (client.DefaultRequestVersion, client.DefaultVersionPolicy);
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            using var response = await client.SendAsync(request, Token);
            var text = await response.Content.ReadAsStringAsync(Token);
            var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(static header => header.Key, static header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
            return new PollAnswer((int)response.StatusCode, response.Version, headers, text.Length == 0 ? default : JsonElement.Parse(text));
        }
    }
}
