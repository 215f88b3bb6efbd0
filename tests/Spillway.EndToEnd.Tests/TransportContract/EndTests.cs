using System.Net;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>How streams end, each with its reason.</summary>
public sealed class EndTests(ContractHub hub) : IClassFixture<ContractHub>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [TransportCases]
    public async Task Topics_AllEnded_GiveTheRestASignalAndAProperEnd(TransportCase @case)
    {
        var server = hub.For(@case);
        var (first, second) = (ContractHub.NewTopic(), ContractHub.NewTopic());
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={first}&topic={second}");

        await server.Publisher.PublishAsync(new PushEvent { Topic = first, Payload = "last of the first"u8.ToArray(), Final = true }, Token);
        await server.PublishAsync(second, "last of the second");
        await server.Publisher.EndAsync(second, Token);

        Assert.Equal(["last of the first", "last of the second"], await subscriber.NextTextsAsync(2));
        Assert.Equal("topics-ended", (await subscriber.NextSignalAsync("end")).Text("reason"));
        await subscriber.EndsAsync("topics-ended");
        await server.WaitForConnectionsAsync(0);
    }

    [Theory]
    [TransportCases]
    public async Task Topics_EndedBefore_GiveTheRestAndThenNothingForGood(TransportCase @case)
    {
        var server = hub.For(@case);
        var topic = ContractHub.NewTopic();
        var cursor = (await server.PublishAsync(topic, "1")).Cursor;
        await server.PublishAsync(topic, "2");
        await server.Publisher.EndAsync(topic, Token);

        await using var rest = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={topic}&cursor={cursor}");
        Assert.Equal("2", (await rest.NextEventAsync()).Text);
        await rest.NextSignalAsync("end");
        await rest.EndsAsync("topics-ended");
        await using var nothing = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={topic}&cursor={rest.Position}");

        Assert.DoesNotContain(await nothing.ReadToEndAsync(), static item => item is EventItem);
        Assert.Equal(@case.IsWebSocket ? @case.Opened : HttpStatusCode.NoContent, nothing.Status);
        Assert.Equal(@case.CloseCode("topics-ended"), nothing.CloseFrame?.Code);
        await server.WaitForConnectionsAsync(0);
    }

    [Theory]
    [TransportCases]
    public async Task Pattern_ItsTopicsEnded_GoesOn(TransportCase @case)
    {
        var server = hub.For(@case);
        var own = ContractHub.NewTopic();
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"pattern={own}/*");

        await server.PublishAsync($"{own}/a", "1");
        await server.Publisher.EndAsync($"{own}/a", Token);
        await server.PublishAsync($"{own}/b", "2");

        Assert.Equal(["1", "2"], await subscriber.NextTextsAsync(2));
    }

    [Theory]
    [TransportCases]
    public async Task Hub_Stops_TellsWhenToComeBackAndEndsProperly(TransportCase @case)
    {
        await using var server = await ContractHub.StartAsync(@case);
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a");
        var before = await subscriber.HearAsync(server, () => server.PublishAsync("a", "before").AsTask());
        await server.WaitForConnectionsAsync(@case.IsStream ? 1 : 0); // A poll before may still be counted.

        var reading = subscriber.NextSignalAsync("drain");
        await server.WaitForConnectionsAsync(1);
        var stopping = server.StopAsync();
        var drain = await reading;
        await subscriber.EndsAsync("shutdown");
        await stopping;

        Assert.Equal("shutdown", drain.Text("reason"));
        Assert.InRange(drain.Number("retry") ?? 0, 1_000, 5_000);
        Assert.Equal((subscriber.Retry, before.Id), (drain.Number("retry"), subscriber.Position));
    }

    [Theory]
    [TransportCases]
    public async Task MaxLifetime_Reached_TellsWhenToComeBackAndEndsProperly(TransportCase @case)
    {
        var clock = new ForwardClock();
        await using var server = await ContractHub.StartAsync(@case, static options => options.Sse.MaxLifetime = TimeSpan.FromMinutes(10), builder => clock.AddTo(builder.Services));
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a");
        Assert.Equal("served", (await subscriber.HearAsync(server, () => server.PublishAsync("a", "served").AsTask())).Text);

        clock.Forward(TimeSpan.FromMinutes(12)); // Lives differ by a tenth.
        if (!@case.IsStream)
        {
            Assert.Equal("goes on", (await subscriber.HearAsync(server, () => server.PublishAsync("a", "goes on").AsTask())).Text); // No poll waits so long.
            return;
        }

        var drain = await subscriber.NextSignalAsync("drain");
        await subscriber.EndsAsync("lifetime");

        Assert.Equal(("lifetime", subscriber.Retry), (drain.Text("reason"), drain.Number("retry")));
        await server.WaitForConnectionsAsync(0);
    }
}
