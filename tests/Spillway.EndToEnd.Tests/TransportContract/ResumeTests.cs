using Spillway.Events;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Streams that go on where they were.</summary>
public sealed class ResumeTests(ContractHub hub) : IClassFixture<ContractHub>, IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");

    [Theory]
    [TransportCases]
    public async Task Cut_AgainAndAgain_MissesAndRepeatsNothing(TransportCase @case)
    {
        const int Rounds = 3;
        var server = hub.For(@case);
        var topic = ContractHub.NewTopic();
        var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={topic}");
        var seen = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            await server.PublishAsync(topic, $"{round}: live");
            await server.PublishAsync(topic, $"{round}: unread");
            seen.AddRange(await subscriber.NextTextsAsync(round == 0 ? 1 : 3));

            subscriber.Cut();
            await server.PublishAsync(topic, $"{round}: away");
            subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={topic}&cursor={subscriber.Position}");
        }

        seen.AddRange(await subscriber.NextTextsAsync(2));
        subscriber.Cut();

        Assert.Equal(Enumerable.Range(0, Rounds).SelectMany(static round => (string[])[$"{round}: live", $"{round}: unread", $"{round}: away"]), seen);
    }

    [Theory]
    [TransportCases]
    public async Task Restart_OnTheSameDirectory_GoesOnUnderNewIdsAlsoBehindAnEphemeralEvent(TransportCase @case)
    {
        var (ids, texts, position) = (new List<string>(), new List<string>(), "");
        for (var round = 0; round < 3; round++)
        {
            await using var server = await ContractHub.StartAsync(@case, options =>
            {
                options.History.Data = _data.FullName;
                options.Rules.Add(new TopicRule { Pattern = "live/**", History = false });
                options.Rules.Add(new TopicRule());
            });
            await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=live/a&topic=kept" + (position.Length > 0 ? $"&cursor={position}" : ""));
            foreach (var (topic, text) in new[] { ("live/a", "first"), (round == 1 ? "kept" : "live/a", "second") })
            {
                var next = await subscriber.HearAsync(server, () => server.PublishAsync(topic, $"{round}, {text}").AsTask());
                ids.Add(next.Id);
                texts.Add(next.Text);
            }

            position = subscriber.Position;
        }

        Assert.Equal(["0, first", "0, second", "1, first", "1, second", "2, first", "2, second"], texts);
        Assert.Equal(ids.Distinct(), ids);
    }

    public void Dispose() => _data.Delete(recursive: true);
}
