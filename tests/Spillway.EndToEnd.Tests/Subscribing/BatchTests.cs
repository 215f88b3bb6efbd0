using System.Globalization;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>Batch intervals over real sockets: fewer writes, the same events in the same order.</summary>
public sealed class BatchTests
{
    private const int Events = 100; // Fewer than end an interval early.

    [Theory]
    [InlineData("/events?topic=prices/a&topic=plain", "GET", null)]
    [InlineData("/events?topic=plain&batch=60s", "GET", null)]
    [InlineData("/subscribe", "POST", """{"topics":["plain"],"batch":60}""")]
    public async Task Stream_EventsComeFasterThanTheInterval_ArriveInOrderInFewWrites(string path, string method, string? body)
    {
        var clock = new ForwardClock();
        await using var server = await HubServer.StartAsync(
            static options =>
            {
                options.Delivery.Loops = 1;
                options.Rules.Add(new TopicRule { Pattern = "prices/**", Batch = TimeSpan.FromSeconds(60) });
            },
            configureHost: builder => clock.AddTo(builder.Services));
        using var subscriber = await StreamSubscriber.OpenedAsync(server.Client, path, method: method, body: body);
        var topic = path.Contains("prices", StringComparison.Ordinal) ? "prices/a" : "plain";
        var counters = server.Hub.Loops[0].Counters;

        await server.PublishAsync(topic, "0");
        Assert.Equal("0", (await subscriber.NextAsync()).Data); // From now on it has to wait.
        for (var i = 1; i < Events; i++)
        {
            await server.PublishAsync(topic, i.ToString(CultureInfo.InvariantCulture));
        }

        await HubServer.WaitAsync(() => server.Hub.Loops[0].Batching == 1);
        clock.Forward(TimeSpan.FromSeconds(70));
        var received = await subscriber.NextDataAsync(Events - 1);

        Assert.Equal(Enumerable.Range(1, Events - 1).Select(static i => i.ToString(CultureInfo.InvariantCulture)), received);
        await HubServer.WaitAsync(() => Volatile.Read(ref counters.Delivered) == Events); // A loop counts after it has written.
        Assert.InRange(counters.Sends, 2, Events / 4);
    }
}
