using System.Net;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>One poll after the other. The first one, which does not wait, is the opening.</summary>
internal sealed class PollingSubscriber(TransportCase @case, HttpMessageHandler handler) : TransportSubscriber(@case)
{
    private static readonly string[] Starts = ["cursor", "earliest", "since", "last", "snapshot"];

    private readonly HttpClient _client = new(handler);
    private readonly Queue<StreamItem> _entries = new();
    private Uri? _next;
    private string _selection = "";
    private string _cursor = "";
    private bool _ends;

    public override void Cut() => _client.Dispose(); // And with it the poll that waits.

    protected override async Task ConnectAsync(Uri hub, string path, string? lastEventId)
    {
        var (events, query) = (path[..path.IndexOf('?')], path[(path.IndexOf('?') + 1)..].Split('&'));
        _selection = $"{events}?{string.Join('&', query.Where(static parameter => !Starts.Contains(parameter.Split('=')[0])))}";
        Position = lastEventId ?? query.FirstOrDefault(static parameter => parameter.StartsWith("cursor=", StringComparison.Ordinal))?[7..] ?? "";
        _next = new Uri(hub, path + "&wait=0");
        await PollAsync(lastEventId);
    }

    protected override async Task<StreamItem?> ReadAsync()
    {
        while (!_ends && _entries.Count == 0)
        {
            Position = _cursor;
            await PollAsync(null);
        }

        return _entries.TryDequeue(out var entry) ? entry : null;
    }

    private async Task PollAsync(string? lastEventId)
    {
        using var request = ContractRequest.Create(_next!, Case, _next!.PathAndQuery, lastEventId);
        using var response = await _client.SendAsync(request, Token);
        Status = response.EnsureSuccessStatusCode().StatusCode;
        if (Status == HttpStatusCode.NoContent)
        {
            _ends = true;
            return;
        }

        var answer = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));
        foreach (var entry in answer.GetProperty("entries").EnumerateArray())
        {
            _entries.Enqueue(FromJson(entry));
        }

        Retry = answer.TryGetProperty("retry", out var retry) ? retry.GetInt64() : null;
        _ends = Retry is not null;
        _cursor = answer.GetProperty("cursor").GetString()!;
        Position = _entries.Count == 0 ? _cursor : Position;
        _next = new Uri(_next, $"{_selection}&cursor={_cursor}");
    }
}
