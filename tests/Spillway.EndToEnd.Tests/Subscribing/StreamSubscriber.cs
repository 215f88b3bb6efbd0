using System.Text;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>A subscriber on HttpClient that hands out one event at a time.</summary>
internal sealed class StreamSubscriber : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly Queue<SseEvent> _events = new();
    private readonly byte[] _buffer = new byte[4096];
    private readonly Stream _body;

    private StreamSubscriber(HttpResponseMessage response, Stream body) => (Response, _body) = (response, body);

    public HttpResponseMessage Response { get; }

    public SseReader Reader { get; } = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Asks for a stream and returns once its head is there.</summary>
    public static async Task<StreamSubscriber> OpenAsync(HttpClient client, string path, string? lastEventId = null, string method = "GET", string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token).WaitAsync(Patience, Token);
        return new StreamSubscriber(response, await response.Content.ReadAsStreamAsync(Token));
    }

    /// <summary>Opens a stream and reads its opening block, which must be there.</summary>
    public static async Task<StreamSubscriber> OpenedAsync(HttpClient client, string path, string? lastEventId = null, string method = "GET", string? body = null)
    {
        var subscriber = await OpenAsync(client, path, lastEventId, method, body);
        Assert.Equal("spillway-open", (await subscriber.NextAsync()).Type);
        return subscriber;
    }

    /// <summary>The next event; fails where the stream ends instead.</summary>
    public async Task<SseEvent> NextAsync() => await TryNextAsync() ?? throw new EndOfStreamException("The stream ended where an event was expected.");

    /// <summary>The data of the next events.</summary>
    public async Task<IReadOnlyList<string>> NextDataAsync(int count)
    {
        var data = new List<string>();
        while (data.Count < count)
        {
            data.Add((await NextAsync()).Data);
        }

        return data;
    }

    /// <summary>The next event; null at a proper end. Comments keep nobody waiting for ever.</summary>
    public Task<SseEvent?> TryNextAsync() => ReadNextAsync().WaitAsync(Patience, Token);

    public void Dispose() => Response.Dispose();

    private async Task<SseEvent?> ReadNextAsync()
    {
        SseEvent? next;
        while (!_events.TryDequeue(out next))
        {
            var length = await _body.ReadAsync(_buffer, Token);
            if (length == 0)
            {
                return null;
            }

            foreach (var sseEvent in Reader.Feed(_buffer.AsSpan(0, length)))
            {
                _events.Enqueue(sseEvent);
            }
        }

        return next;
    }
}
