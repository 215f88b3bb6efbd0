using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Spillway.EndToEnd.Tests.Cli;
using Spillway.EndToEnd.Tests.Documents;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>Clients of npm that nobody here wrote, at a hub that is a process of its own, is killed, and comes back.</summary>
public sealed class ForeignClientTests
{
    private const string EndingKey = "spk_0000000000000000000000000000000end";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Real time, for a client that comes back: only a test that fails waits so long.

    public static TheoryData<string> Clients => ["eventsource", "fetch-event-source", "eventsource-client"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Client_HubIsKilledAndComesBack_MissesAndRepeatsNothing(string client)
    {
        await using var hub = await ServeAsync();
        await using var subscriber = Start(client, $"{hub.Hub}?topic={Uri.EscapeDataString("https://example.com/books/{id}")}", MercureHub.Classic(subscribe: ["*"]));
        await subscriber.Out.WaitForAsync(line => line.Contains("\"open\"", StringComparison.Ordinal), Stop).WaitAsync(Patience, Stop);
        var ids = new List<string> { await PublishAsync(hub, "1"), await PublishAsync(hub, "2", ("id", "urn:uuid:the-publishers-own")) };
        await SeenAsync(subscriber, "2");

        await hub.KillAndServeAsync();
        ids.Add(await PublishAsync(hub, "3"));
        ids.Add(await PublishAsync(hub, "4"));
        await SeenAsync(subscriber, "4");

        var seen = subscriber.Out.Lines.Select(static line => JsonElement.Parse(line)).Where(static told => told.GetProperty("what").GetString() == "event");
        Assert.Equal(ids.Zip(["1", "2", "3", "4"]), seen.Select(static told => (told.GetProperty("id").GetString()!, told.GetProperty("data").GetString()!)));
    }

    [Theory]
    [InlineData("eventsource", 401, "closed")]
    [InlineData("eventsource", 204, "closed")]
    [InlineData("eventsource", 403, "closed")]
    [InlineData("fetch-event-source", 403, "closed")]
    [InlineData("eventsource-client", 403, "retrying")]
    [InlineData("fetch-event-source", 401, "closed")]
    [InlineData("fetch-event-source", 204, "closed")]
    [InlineData("eventsource-client", 204, "closed")]
    [InlineData("eventsource-client", 401, "retrying")] // It says of itself that any other answer is tried again.
    public async Task Client_ToldToStayAway_DoesWhatItsDocumentationSays(string client, int status, string expected)
    {
        const string Topic = "ended";
        await using var hub = await ServeAsync();
        if (status == 204)
        {
            await hub.PostAsync($"{hub.Url}/topics/{Topic}/end", EndingKey);
        }

        var url = status == 403 ? $"{hub.Hub}/subscriptions" : $"{hub.Hub}?match={Topic}"; // What is public is refused to nobody whose token is good; a list is.
        await using var subscriber = Start(client, url, status switch { 204 => MercureHub.Classic(subscribe: ["*"]), 403 => MercureHub.Classic(subscribe: [Topic]), _ => "a.b.c" });

        var told = await subscriber.Out.WaitForAsync(static line => line.Contains("closed", StringComparison.Ordinal) || line.Contains("retrying", StringComparison.Ordinal), Stop).WaitAsync(Patience, Stop);
        Assert.Equal(expected, JsonElement.Parse(told).GetProperty("what").GetString());
    }

    private static CommandProcess Start(string client, string url, string token) => CommandProcess.Start("node", [Path.Combine(Tree.Root, "tests/js/mercureClients.js"), client, url, token]);

    private static Task<string> SeenAsync(CommandProcess subscriber, string data) =>
        subscriber.Out.WaitForAsync(line => line.Contains($"\"data\":\"{data}\"", StringComparison.Ordinal), Stop).WaitAsync(Patience, Stop);

    private static Task<MercureProcess> ServeAsync() => MercureProcess.StartAsync(
        $$$$"""{"Mercure":{"Subscriptions":true},"Access":{"ApiKeys":[{"Id":"ending","Sha256":"{{{{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(EndingKey)))}}}}","Publish":["**"]}]}}""");

    private static Task<string> PublishAsync(MercureProcess hub, string data, params (string Name, string Value)[] more) => hub.PublishAsync([("topic", "https://example.com/books/1"), ("data", data), .. more]);
}
