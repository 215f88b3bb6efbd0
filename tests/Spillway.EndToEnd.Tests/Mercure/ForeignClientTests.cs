using System.Net.Http.Headers;
using System.Text.Json;
using Spillway.EndToEnd.Tests.Cli;
using Spillway.EndToEnd.Tests.Documents;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>Clients of npm that nobody here wrote, at a hub that is a process of its own, is killed, and comes back.</summary>
public sealed class ForeignClientTests : IDisposable
{
    private const string Key = "!ChangeThisMercureHubJWTSecretKey!";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Real time, for a client that comes back: only a test that fails waits so long.

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");
    private readonly HttpClient _publisher = new();

    public static TheoryData<string> Clients => ["eventsource", "fetch-event-source", "eventsource-client"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _publisher.Dispose();
        _data.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Client_HubIsKilledAndComesBack_MissesAndRepeatsNothing(string client)
    {
        var hub = await ServeAsync("http://127.0.0.1:0");
        try
        {
            await using var subscriber = Start(client, hub.Url + MercureHub.Path + "?topic=" + Uri.EscapeDataString("https://example.com/books/{id}"), MercureHub.Classic(subscribe: ["*"]));
            await subscriber.Out.WaitForAsync(line => line.Contains("\"open\"", StringComparison.Ordinal), Stop).WaitAsync(Patience, Stop);
            var ids = new List<string> { await PublishAsync(hub.Url, "1"), await PublishAsync(hub.Url, "2") };
            await SeenAsync(subscriber, "2");

            await hub.Process.CrashAsync();
            await hub.Process.DisposeAsync();
            hub = await ServeAsync(hub.Url);
            ids.Add(await PublishAsync(hub.Url, "3"));
            ids.Add(await PublishAsync(hub.Url, "4"));
            await SeenAsync(subscriber, "4");

            var seen = subscriber.Out.Lines.Select(static line => JsonElement.Parse(line)).Where(static told => told.GetProperty("what").GetString() == "event");
            Assert.Equal(ids.Zip(["1", "2", "3", "4"]), seen.Select(static told => (told.GetProperty("id").GetString()!, told.GetProperty("data").GetString()!)));
        }
        finally
        {
            await hub.Process.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("eventsource", 401, "closed")]
    [InlineData("eventsource", 204, "closed")]
    [InlineData("fetch-event-source", 401, "closed")]
    [InlineData("fetch-event-source", 204, "closed")]
    [InlineData("eventsource-client", 204, "closed")]
    [InlineData("eventsource-client", 401, "retrying")] // It says of itself that any other answer is tried again.
    public async Task Client_ToldToStayAway_DoesWhatItsDocumentationSays(string client, int status, string expected)
    {
        var hub = await ServeAsync("http://127.0.0.1:0");
        await using var process = hub.Process;
        const string Topic = "ended";
        if (status == 204)
        {
            using var end = new HttpRequestMessage(HttpMethod.Post, $"{hub.Url}/topics/{Topic}/end");
            end.Headers.Authorization = new AuthenticationHeaderValue("Bearer", EndingKey);
            using var ended = await _publisher.SendAsync(end, Stop);
            ended.EnsureSuccessStatusCode();
        }

        await using var subscriber = Start(client, $"{hub.Url}{MercureHub.Path}?match={Topic}", status == 204 ? MercureHub.Classic(subscribe: ["*"]) : "a.b.c");

        var told = await subscriber.Out.WaitForAsync(static line => line.Contains("closed", StringComparison.Ordinal) || line.Contains("retrying", StringComparison.Ordinal), Stop).WaitAsync(Patience, Stop);
        Assert.Equal(expected, JsonElement.Parse(told).GetProperty("what").GetString());
    }

    private const string EndingKey = "spk_0000000000000000000000000000000end";

    private static CommandProcess Start(string client, string url, string token) => CommandProcess.Start("node", [Path.Combine(Tree.Root, "tests/js/mercureClients.js"), client, url, token]);

    private static Task<string> SeenAsync(CommandProcess subscriber, string data) =>
        subscriber.Out.WaitForAsync(line => line.Contains($"\"data\":\"{data}\"", StringComparison.Ordinal), Stop).WaitAsync(Patience, Stop);

    private async Task<(CommandProcess Process, string Url)> ServeAsync(string url)
    {
        var settings = Path.Combine(_data.FullName, "settings.json");
        var hash = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(EndingKey)));
        await File.WriteAllTextAsync(settings, $$$$"""{"Spillway":{"Access":{"ApiKeys":[{"Id":"ending","Sha256":"{{{{hash}}}}","Publish":["**"]}]}}}""", Stop);
        return await CommandProcess.ServeAsync("--urls", url, "--data", Path.Combine(_data.FullName, "history"), "--config", settings, "--mercure-key", Key).WaitAsync(Patience, Stop);
    }

    private async Task<string> PublishAsync(string url, string data)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url + MercureHub.Path)
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("topic", "https://example.com/books/1"), KeyValuePair.Create("data", data)]),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", MercureHub.Classic(publish: ["*"]));
        using var response = await _publisher.SendAsync(request, Stop);
        var answer = await response.Content.ReadAsStringAsync(Stop);
        Assert.True(response.IsSuccessStatusCode, answer);
        return answer;
    }
}
