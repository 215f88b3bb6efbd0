using System.Net;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.Durability;

/// <summary>Follows by long polling: one poll after the other, as long as they are answered.</summary>
internal sealed class PollFollower(string url) : RawFollower
{
    private readonly HttpClient _client = new();

    protected override async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{url}/events?pattern=kill/**" + (Cursor is { } cursor ? $"&cursor={cursor}" : ""));
            request.Headers.Accept.ParseAdd("application/json");
            using var response = await _client.SendAsync(request, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return;
            }

            var answer = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            foreach (var entry in answer.GetProperty("entries").EnumerateArray())
            {
                if (entry.TryGetProperty("signal", out var signal))
                {
                    TakeSignal(signal.GetString()!, null);
                }
                else
                {
                    Take(entry.GetProperty("id").GetString(), entry.GetProperty("payload").GetString()!);
                }
            }

            TakeSignal("open", answer.GetProperty("cursor").GetString()); // It has begun, and goes on here.
            if (answer.TryGetProperty("retry", out _))
            {
                return;
            }
        }
    }

    protected override void DisposeClient() => _client.Dispose();
}
