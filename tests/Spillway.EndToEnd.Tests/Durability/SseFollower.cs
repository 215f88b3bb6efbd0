using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Durability;

/// <summary>Follows by Server-Sent Events, as an EventSource does.</summary>
internal sealed class SseFollower(string url) : RawFollower
{
    private readonly HttpClient _client = new();

    protected override async Task ReadAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{url}/events?pattern=kill/**");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (Cursor is { } cursor)
        {
            request.Headers.Add("Last-Event-ID", cursor);
        }

        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await foreach (var next in new SseReader().ReadAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken))
        {
            if (next.Type == "message")
            {
                Take(next.LastEventId, next.Data);
            }
            else
            {
                TakeSignal(next.Type["spillway-".Length..], next.LastEventId);
            }
        }
    }

    protected override void DisposeClient() => _client.Dispose();
}
