using System.Net.Http.Json;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.Operations;

/// <summary>What the admin endpoints and metrics say of a hub that has been used.</summary>
public sealed class AdminTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Status_HubInUse_CountsConnectionsTopicsAndEvents()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var host = await OperationsHost.StartAsync(cancellationToken);
        using var http = new HttpClient { BaseAddress = host.Address };
        var before = await GetAsync("/admin/status");
        using var stream = await http.GetAsync(new Uri("/events?topic=b", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        foreach (var topic in new[] { "a", "b", "b", "c/d" })
        {
            using var response = await http.PostAsJsonAsync("/events", new { topic, payload = 1 }, cancellationToken);
            response.EnsureSuccessStatusCode();
        }

        using var end = await http.PostAsync(new Uri("/topics/a/end", UriKind.Relative), null, cancellationToken);
        using var publish = await http.PostAsJsonAsync("/events", new { topic = "c", payload = 1 }, cancellationToken);
        var cursor = (await publish.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("cursor").GetString();

        var status = await GetAsync("/admin/status");
        Assert.Equal(0, before.GetProperty("connections").GetInt64());
        Assert.Equal(1, status.GetProperty("connections").GetInt64());
        Assert.Equal(4, status.GetProperty("topics").GetInt64());
        Assert.Equal((cursor, "memory"), (status.GetProperty("cursor").GetString(), status.GetProperty("history").GetString()));
        Assert.True(status.GetProperty("bytes").GetInt64() > before.GetProperty("bytes").GetInt64());
        Assert.InRange(status.GetProperty("uptimeSeconds").GetInt64(), 0, 60);

        var page = await GetAsync("/admin/topics?limit=3");
        Assert.Equal(
            [("a", 1, true), ("b", 2, false), ("c", 1, false)],
            page.GetProperty("topics").EnumerateArray().Select(static topic =>
                (topic.GetProperty("topic").GetString()!, topic.GetProperty("events").GetInt32(), topic.GetProperty("ended").GetBoolean())));
        Assert.Equal("c", page.GetProperty("next").GetString());
        var rest = await GetAsync("/admin/topics?limit=3&after=c");
        Assert.Equal("c/d", Assert.Single(rest.GetProperty("topics").EnumerateArray()).GetProperty("topic").GetString());
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next").ValueKind);

        async Task<JsonElement> GetAsync(string path) => await http.GetFromJsonAsync<JsonElement>(path, cancellationToken);
    }

    [Fact]
    public async Task Metrics_HubInUse_CountWhatWasPublishedAndDelivered()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var host = await OperationsHost.StartAsync(cancellationToken);
        using var http = new HttpClient { BaseAddress = host.Address };
        using (var stream = await http.GetAsync(new Uri("/events?topic=a", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken))
        {
            using var publish = await http.PostAsJsonAsync("/events", new { topic = "a", payload = 1 }, cancellationToken);
            publish.EnsureSuccessStatusCode();
            await AssertShowsAsync("spillway_ingress_accepted_events_total 1");
            await AssertShowsAsync("spillway_delivery_delivered_events_total 1");
            await AssertShowsAsync("spillway_delivery_connections{transport=\"sse\"} 1");
        }

        await AssertShowsAsync("spillway_delivery_connections{transport=\"sse\"} 0");
        await AssertShowsAsync("spillway_delivery_closed_connections_total{reason=\"client-closed\"} 1");

        async Task AssertShowsAsync(string line)
        {
            var text = "";
            await Condition.WaitAsync(
                async () =>
                {
                    text = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
                    return text.Contains($"\n{line}\n", StringComparison.Ordinal);
                },
                Patience,
                () => $"/metrics did not come to show {line}:\n{text}",
                cancellationToken);
        }
    }
}
