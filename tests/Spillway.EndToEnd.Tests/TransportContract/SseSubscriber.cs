using System.Text.Json;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.TransportContract;

internal sealed class SseSubscriber(TransportCase @case, HttpMessageHandler handler) : TransportSubscriber(@case)
{
    private readonly HttpClient _client = new(handler);
    private readonly SseReader _reader = new();
    private readonly Queue<SseEvent> _events = new();
    private readonly byte[] _buffer = new byte[4096];
    private HttpResponseMessage? _response;
    private Stream? _body;

    public override void Cut()
    {
        _response?.Dispose(); // The client does not close a connection on which an answer is under way.
        _client.Dispose();
    }

    protected override async Task ConnectAsync(Uri hub, string path, string? lastEventId)
    {
        using var request = ContractRequest.Create(hub, Case, path, lastEventId);
        _response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Status = _response.EnsureSuccessStatusCode().StatusCode;
        _body = await _response.Content.ReadAsStreamAsync(Token);
    }

    protected override async Task<StreamItem?> ReadAsync()
    {
        SseEvent? next;
        while (!_events.TryDequeue(out next))
        {
            var length = await _body!.ReadAsync(_buffer, Token);
            if (length == 0)
            {
                return null;
            }

            foreach (var one in _reader.Feed(_buffer.AsSpan(0, length)))
            {
                _events.Enqueue(one);
            }

            Retry = _reader.Retry;
            Position = _events.Count == 0 ? _reader.LastEventId : Position; // A block without data moves it, too.
        }

        const string Prefix = "spillway-";
        if (next.Type.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return new SignalItem(next.Type[Prefix.Length..], next.LastEventId, JsonElement.Parse(next.Data));
        }

        var item = Case.CarriesMembers ? EventItem.FromJson(JsonElement.Parse(next.Data), next.LastEventId) : new EventItem(next.LastEventId, EventItem.Bytes(System.Text.Encoding.UTF8.GetBytes(next.Data)));
        var type = next.Type == "message" ? null : next.Type;
        Assert.True(!Case.CarriesMembers || item.Type == type); // Said twice, and the same.
        return item with { Type = type };
    }
}
