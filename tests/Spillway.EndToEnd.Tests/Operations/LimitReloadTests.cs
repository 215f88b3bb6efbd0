using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.EndToEnd.Tests.Subscribing.WebSocket;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Operations;

/// <summary>Limits of a hub that runs are lowered, so that what was taken is refused, and raised again.</summary>
public sealed class LimitReloadTests
{
    private const string Fine = "200 ";

    // What to lower, a request that it then refuses, and with which answer.
    private static readonly Dictionary<string, (Action<SpillwayOptions> Lower, Func<HubServer, Task<string>> Ask, string Refused)> Limits = new()
    {
        ["Limits:EventBytes"] = (static options => options.Limits.EventBytes = 1_024, static server => AskAsync(server, "POST", "topics/a", new string('x', 2_000)), "413 event-too-large"),
        ["Limits:BatchEvents"] = (static options => options.Limits.BatchEvents = 2, static server => AskAsync(server, "POST", "events", Events(3, 1)), "413 batch-too-large"),
        ["Limits:BatchBytes"] = (
            static options => (options.Limits.EventBytes, options.Limits.BatchBytes) = (4_096, 4_096), static server => AskAsync(server, "POST", "events", Events(3, 2_000)), "413 body-too-large"),
        ["Limits:SelectorsInQuery"] = (static options => options.Limits.SelectorsInQuery = 2, static server => AskAsync(server, "GET", "events?topic=a&topic=b&topic=c&earliest&wait=0"), "400 invalid-parameter"),
        ["Limits:SelectorsInBody"] = (
            static options => options.Limits.SelectorsInBody = 2, static server => AskAsync(server, "POST", "subscribe", """{"topics":["a","b","c"],"earliest":true,"wait":0}"""), "400 invalid-parameter"),
        ["Limits:SubscriptionBytes"] = (
            static options => options.Limits.SubscriptionBytes = 1_024,
            static server => AskAsync(server, "POST", "subscribe", $$"""{"topics":["a"],"earliest":true,"wait":0,"_":"{{new string('x', 2_000)}}"}"""),
            "413 body-too-large"),
        ["Limits:SubscriptionBatch"] = (static options => options.Limits.SubscriptionBatch = TimeSpan.FromSeconds(1), static server => AskAsync(server, "GET", "events?topic=a&batch=5s&earliest&wait=0"), "400 invalid-parameter"),
        ["Limits:LastEvents"] = (static options => options.Limits.LastEvents = 10, static server => AskAsync(server, "GET", "events?topic=a&last=50&wait=0"), "400 invalid-parameter"),
        ["Limits:Connections"] = (static options => options.Limits.Connections = 2, static server => AskAsync(server, "GET", "events?topic=a&earliest&wait=0"), "503 overloaded"),
        ["Limits:Topics"] = (static options => options.Limits.Topics = 2, static server => AskAsync(server, "GET", "events?topic=new&earliest&wait=0"), "503 overloaded"),
        ["Limits:SnapshotKeys"] = (static options => options.Limits.SnapshotKeys = 3, SnapshotAsync, "200 overflow"),
        ["Limits:SnapshotBytes"] = (static options => options.Limits.SnapshotBytes = 1_024, SnapshotAsync, "200 overflow"),
        ["Polling:Events"] = (static options => options.Polling.Events = 3, static server => AskAsync(server, "GET", "events?topic=a&max=5&earliest&wait=0"), "400 invalid-parameter"),
        ["Polling:MaxWait"] = (
            static options => (options.Polling.Wait, options.Polling.MaxWait) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), static server => AskAsync(server, "GET", "events?topic=a&wait=5&earliest&max=1"), "400 invalid-parameter"),
        ["WebSocket:MessageBytes"] = (static options => options.WebSocket.MessageBytes = 1_024, static server => TalkAsync(server, 1, $$"""{"command":"ping","_":"{{new string('x', 2_000)}}"}"""), "1009 close"),
        ["WebSocket:MessageFragments"] = (static options => options.WebSocket.MessageFragments = 2, static server => TalkAsync(server, 3, """{"command":"ping"}"""), "1009 close"),
        ["WebSocket:MessagesPerSecond"] = (static options => options.WebSocket.MessagesPerSecond = 1, static server => TalkAsync(server, 1, [.. Enumerable.Repeat("""{"command":"ping"}""", 9)]), "4003 close"),
        ["WebSocket:Selectors"] = (static options => options.WebSocket.Selectors = 2, static server => TalkAsync(server, 1, """{"command":"subscribe","topics":["b","c","d"]}"""), "400 invalid-parameter"),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Names => [.. Limits.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Change_OfALimit_HoldsForWhatComesNextAndEndsNothing(string name)
    {
        var (lower, ask, refused) = Limits[name];
        var (isLow, changes) = (false, new ChangingConfiguration());
        await using var server = await HubServer.StartAsync(
            options =>
            {
                if (isLow)
                {
                    lower(options);
                }
            },
            configureHost: builder => builder.Services.AddSingleton<IOptionsChangeTokenSource<SpillwayOptions>>(new ConfigurationChangeTokenSource<SpillwayOptions>(changes.Root)));
        await server.Publisher.PublishAsync([.. Enumerable.Range(0, 6).Select(static i => new PushEvent { Topic = "a", Key = $"{i}", Payload = new byte[500] })], Token);
        using var first = await server.Client.GetStreamAsync(new Uri("events?topic=held", UriKind.Relative), Token);
        using var second = await server.Client.GetStreamAsync(new Uri("events?topic=held&topic=held/2", UriKind.Relative), Token);

        foreach (var expected in (string[])[Fine, refused, Fine])
        {
            if (expected != Fine || isLow)
            {
                isLow = !isLow;
                changes.Change();
                await HubServer.WaitAsync(() => server.Logs.Lines.Count(static line => line.Id == 10001) == (isLow ? 1 : 2));
            }

            await server.WaitForConnectionsAsync(2); // The poll before may still be counted.
            Assert.Equal(expected, await ask(server));
        }

        await server.WaitForConnectionsAsync(2); // Those that were there.
    }

    private static async Task<string> AskAsync(HubServer server, string method, string path, string? body = null)
    {
        using var answer = await SendAsync(server, method, path, body);
        var text = await answer.Content.ReadAsStringAsync(Token);
        return $"{(int)answer.StatusCode} {(answer.IsSuccessStatusCode ? "" : JsonElement.Parse(text).GetProperty("type").GetString()!.Split(':')[^1])}";
    }

    /// <summary>Sends commands, each in so many fragments, over a WebSocket of its own, and says how the last was answered.</summary>
    private static async Task<string> TalkAsync(HubServer server, int fragments, params string[] commands)
    {
        using var socket = await WireSocket.OpenAsync(server);
        await socket.SendAsync([.. commands.SelectMany(command => ClientFrame.Divided(Encoding.UTF8.GetBytes(command), fragments))]);
        for (var answers = 0; answers < commands.Length;)
        {
            var frame = await socket.ReadAsync();
            if (frame.Opcode == ClientFrame.Close)
            {
                return $"{frame.Code} close";
            }

            var text = frame.Opcode == ClientFrame.Text ? JsonElement.Parse(Encoding.UTF8.GetString(frame.Payload)) : default;
            if (text.ValueKind == JsonValueKind.Object && text.TryGetProperty("problem", out var problem))
            {
                return $"{problem.GetProperty("status").GetInt32()} {problem.GetProperty("type").GetString()!.Split(':')[^1]}";
            }

            answers += text.ValueKind == JsonValueKind.Object && text.TryGetProperty("reply", out _) ? 1 : 0; // The rest are pings and events.
        }

        return Fine;
    }

    private static async Task<string> SnapshotAsync(HubServer server)
    {
        using var answer = await SendAsync(server, "GET", "events?topic=a&snapshot&wait=0", null);
        var text = await answer.Content.ReadAsStringAsync(Token);
        return $"{(int)answer.StatusCode} {(text.Contains("\"overflow\"", StringComparison.Ordinal) ? "overflow" : "")}";
    }

    private static async Task<HttpResponseMessage> SendAsync(HubServer server, string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "Accept", "application/json" } } };
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        return await server.Client.SendAsync(request, Token);
    }

    private static string Events(int count, int bytes) =>
        JsonSerializer.Serialize(Enumerable.Range(0, count).Select(i => new Dictionary<string, object> { ["topic"] = "b", ["payload"] = new string('x', bytes) }));
}
