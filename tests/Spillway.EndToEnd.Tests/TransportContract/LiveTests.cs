using System.Globalization;
using System.Text;
using Spillway.Events;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>What is published while subscribers listen.</summary>
public sealed class LiveTests(ContractHub hub) : IClassFixture<ContractHub>
{
    private const int Burst = 100;
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [TransportCases]
    public async Task Events_WithEveryMember_ArriveWithEveryMember(TransportCase @case)
    {
        var server = hub.For(@case);
        var own = ContractHub.NewTopic();
        var topic = $"{own}/ä\U0001F30A";
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={Uri.EscapeDataString(topic)}");
        PushEvent[] events =
        [
            new() { Topic = topic },
            new() { Topic = topic, Type = "alert", Key = "k ä\"", ContentType = "text/plain; charset=utf-8", TraceParent = Trace, Id = own, Payload = "text"u8.ToArray() },
            new() { Topic = topic, Type = "ü \"quoted\"", ContentType = "application/json", Payload = "{\"a\" : [1,\r\n2.50, \"\\u00e4\"]}"u8.ToArray() },
            new() { Topic = topic, ContentType = "application/json", Payload = "{\"cut\":"u8.ToArray() },
            new() { Topic = topic, ContentType = "image/png", Private = true, Priority = EventPriority.Critical, Ttl = TimeSpan.FromHours(1), Payload = new byte[] { 0x89, 0x50, 0xFF, 0 } },
        ];

        foreach (var source in events)
        {
            var result = await server.Publisher.PublishAsync(source, Token);

            Assert.Equal(EventItem.Of(source, result.Cursor, @case), await subscriber.NextEventAsync());
        }
    }

    [Theory]
    [TransportCases]
    public async Task Payloads_OfAnyBytesAndLength_ArriveUntouched(TransportCase @case)
    {
        var server = hub.For(@case);
        var topic = ContractHub.NewTopic();
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={topic}");
        byte[][] payloads =
        [
            [], "\n"u8.ToArray(), "a\nb\r\nc\rd\r\n\r\n"u8.ToArray(), " data: x\nid: 666\nevent: y\n\n"u8.ToArray(), "\uFEFFmark \u2028\u2029\u0085 \0"u8.ToArray(), [0xFF], [0xC3], [.. Enumerable.Range(0, 256).Select(static i => (byte)i)],
            .. ((int[])[125, 126, 127, 4_096, 14 * 1024, 65_535, 65_536, 300 * 1024]).Select(static length => Encoding.UTF8.GetBytes(Long(length))),
            [.. Encoding.UTF8.GetBytes(Long(300 * 1024)), 0xFE], // Not UTF-8 by its last byte.
        ];

        foreach (var payload in payloads)
        {
            var source = new PushEvent { Topic = topic, Payload = payload };
            var result = await server.Publisher.PublishAsync(source, Token);

            Assert.Equal(EventItem.Of(source, result.Cursor, @case), await subscriber.NextEventAsync());
        }
    }

    [Theory]
    [TransportCases]
    public async Task Burst_InOneBatch_ArrivesInOrderUnderIdsOfItsOwn(TransportCase @case)
    {
        var server = hub.For(@case);
        var topic = ContractHub.NewTopic();
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={topic}");

        var result = await server.Publisher.PublishAsync([.. Enumerable.Range(0, Burst).Select(i => new PushEvent { Topic = topic, Payload = Encoding.UTF8.GetBytes($"{i}") })], Token);
        var received = new List<EventItem>();
        while (received.Count < Burst)
        {
            received.Add(await subscriber.NextEventAsync());
        }

        Assert.Equal(Enumerable.Range(0, Burst).Select(static i => i.ToString(CultureInfo.InvariantCulture)), received.Select(static item => item.Text));
        Assert.Equal(Burst, received.Select(static item => item.Id).Distinct().Count());
        Assert.Equal(result.Cursor, received[^1].Id);
    }

    [Theory]
    [TransportCases]
    public async Task Selectors_TopicsPatternsAndAlternates_ChooseEachEventOnce(TransportCase @case)
    {
        var server = hub.For(@case);
        var own = ContractHub.NewTopic();
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={own}/a&topic={own}/a%2Fx&pattern={own}/b/*&pattern={own}/c/**");
        (string Topic, string[] Alternates, bool Chosen)[] events =
        [
            ("a", [], true), ("a/x", [], true), ("a/y", [], false), ("A", [], false), ("b", [], false), ("b/x", [], true), ("b/x/y", [], false), ("c", [], true), ("c/x/y", [], true),
            ("d", ["e"], false), ("d", ["a"], true), ("d", ["a", "a/x", "b/x", "c"], true), ("a", ["c", "d"], true), ("end", ["c/end"], true),
        ];

        foreach (var ((topic, alternates, _), i) in events.Select(static (one, i) => (one, i)))
        {
            await server.Publisher.PublishAsync(
                new PushEvent { Topic = $"{own}/{topic}", Alternates = [.. alternates.Select(name => $"{own}/{name}")], Private = i % 2 == 1, Payload = Encoding.UTF8.GetBytes($"{i}") }, Token);
        }

        var chosen = events.Select(static (one, i) => (one.Chosen, Number: $"{i}")).Where(static one => one.Chosen).Select(static one => one.Number).ToArray();
        Assert.Equal(chosen, await subscriber.NextTextsAsync(chosen.Length));
    }

    [Fact]
    public async Task Subscribers_OfAllTransports_SeeTheSameIdsInTheSameOrder()
    {
        const int Publishers = 4;
        foreach (var group in TransportCase.All.GroupBy(hub.For))
        {
            var topics = Enumerable.Range(0, Publishers).Select(static _ => ContractHub.NewTopic()).ToArray();
            var query = string.Join('&', topics.Select(static topic => $"topic={topic}"));
            var subscribers = await Task.WhenAll(group.Select(@case => TransportSubscriber.OpenAsync(group.Key.Endpoint, @case, query)));

            await Task.WhenAll(topics.Select(async topic =>
            {
                for (var i = 0; i < Burst / Publishers; i++)
                {
                    await group.Key.PublishAsync(topic, $"{topic} {i}");
                }
            }));

            var seen = await Task.WhenAll(subscribers.Select(ReadAsync));
            Assert.All(seen, one => Assert.Equal(seen[0], one));
            Array.ForEach(subscribers, static subscriber => subscriber.Cut());
        }
    }

    private static async Task<List<string>> ReadAsync(TransportSubscriber subscriber)
    {
        var seen = new List<string>();
        while (seen.Count < Burst)
        {
            var item = await subscriber.NextEventAsync();
            seen.Add($"{item.Id} {item.Text}");
        }

        return seen;
    }

    /// <summary>Text with a character of several bytes now and then, of exactly so many bytes.</summary>
    private static string Long(int bytes)
    {
        var text = new StringBuilder();
        for (var left = bytes; left > 0;)
        {
            var next = left % 7 == 3 && left >= 2 ? "é" : "x";
            text.Append(next);
            left -= Encoding.UTF8.GetByteCount(next);
        }

        return text.ToString();
    }
}
