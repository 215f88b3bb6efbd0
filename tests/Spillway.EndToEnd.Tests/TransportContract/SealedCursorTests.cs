using System.Text.Json;
using System.Text.RegularExpressions;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Cursors of a hub that asks for credentials, over every transport: good for resuming, and for nothing else.</summary>
public sealed partial class SealedCursorTests(AccessHub hub) : IClassFixture<AccessHub>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [TransportCases]
    public async Task Resume_ByAnyIdOrCursorThatWasTold_GetsWhatFollows(TransportCase @case)
    {
        var server = hub.For(@case);
        var before = (await server.PublishAsync("exact", "0")).Cursor;
        string start;
        PublishResult published;
        EventItem[] events;
        await using (var subscriber = await OpenAsync(server, @case, $"cursor={before}"))
        {
            start = subscriber.Position;
            published = await server.PublishAsync("exact", "1");
            await server.PublishAsync("exact", "2");
            events = [await subscriber.NextEventAsync(), await subscriber.NextEventAsync()];
        }

        foreach (var (cursor, rest) in ((string, string[])[])[(start, ["1", "2"]), (published.Cursor, ["2"]), (events[0].Id, ["2"])])
        {
            await using var later = await OpenAsync(server, @case, $"cursor={cursor}");
            Assert.Equal(rest, await later.NextTextsAsync(rest.Length));
        }

        var texts = new[] { before, start, published.Cursor, events[0].Id, events[1].Id };
        Assert.All(texts, static text => Assert.Matches(CursorText(), text));
        Assert.NotEqual(published.Cursor, events[0].Id); // The publisher's names a place: a second one for it, after a repeat, would tell nothing.
    }

    [Theory]
    [TransportCases]
    public async Task Resume_ByAPlainCursor_IsToldAGapWhereverItPoints(TransportCase @case)
    {
        await using var server = await ContractHub.StartAsync(@case, AccessHub.Configure);
        await server.PublishAsync("exact", "1");
        await server.PublishAsync("exact", "2");
        var head = await HeadAsync(server);

        foreach (var offset in (long[])[0, head.Offset - 1, head.Offset, head.Offset + 1_000])
        {
            var cursor = (head with { Offset = offset }).ToString();
            await using var subscriber = await OpenAsync(server, @case, $"cursor={cursor}");
            var gap = await subscriber.NextSignalAsync("gap");

            Assert.Equal(("lost", cursor), (gap.Text("reason"), gap.Text("from")));
            Assert.Equal(["1", "2"], await subscriber.NextTextsAsync(2));
        }
    }

    [Theory]
    [TransportCases]
    public async Task Quiet_NothingElseWasPublished_GetsANewCursorAllTheSame(TransportCase @case)
    {
        var clock = new ForwardClock();
        await using var server = await ContractHub.StartAsync(
            @case,
            static options =>
            {
                AccessHub.Configure(options);
                options.Sse.KeepAlive = TimeSpan.FromSeconds(15);
            },
            builder => clock.AddTo(builder.Services));
        await using var subscriber = await OpenAsync(server, @case, "");
        await server.PublishAsync("exact", "1");
        var before = (await subscriber.NextEventAsync()).Id; // Now its loop has it.

        string told;
        if (@case.IsStream)
        {
            clock.Forward(TimeSpan.FromSeconds(16));
            told = (await subscriber.NextSignalAsync("cursor")).Id;
        }
        else
        {
            await using var again = await OpenAsync(server, @case, "");
            told = again.Position;
        }

        Assert.NotEqual(before, told);
        Assert.All([before, told], static text => Assert.Matches(CursorText(), text));
    }

    [GeneratedRegex("^2[0-7][0-9a-v]{25}$")]
    private static partial Regex CursorText();

    private static Task<TransportSubscriber> OpenAsync(HubServer server, TransportCase @case, string start) =>
        TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic=exact&{start}".TrimEnd('&'), credential: AccessHub.Wide);

    /// <summary>Where an operator sees that the hub is.</summary>
    private static async Task<Position> HeadAsync(HubServer server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "admin/status") { Headers = { { "Authorization", "Bearer " + AccessHub.Operator } } };
        using var response = await server.Client.SendAsync(request, Token);
        var status = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));
        return Position.TryParse(status.GetProperty("cursor").GetString(), out var head) ? head : throw new InvalidDataException(status.ToString());
    }
}
