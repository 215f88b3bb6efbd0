using Spillway.Events;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>Streams that go on where they were before the hub was restarted.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");

    [Fact]
    public async Task LastEventId_OfAnEphemeralEventOfBeforeTheRestart_GetsWhatComesUnderNewIds()
    {
        var ids = new List<string>();
        var data = new List<string>();
        for (var round = 0; round < 3; round++)
        {
            await using var server = await HubServer.StartAsync(options =>
            {
                options.History.Data = _data.FullName;
                options.Rules.Add(new TopicRule { Pattern = "live/**", History = false });
                options.Rules.Add(new TopicRule());
            });
            using var subscriber = await StreamSubscriber.OpenedAsync(server.Client, "/events?topic=live/a&topic=kept", ids.Count > 0 ? ids[^1] : null);
            await server.PublishAsync("live/a", $"{round}, first");
            await server.PublishAsync(round == 1 ? "kept" : "live/a", $"{round}, second");
            for (var i = 0; i < 2; i++)
            {
                var next = await subscriber.NextAsync();
                ids.Add(next.LastEventId);
                data.Add(next.Data);
            }
        }

        Assert.Equal(["0, first", "0, second", "1, first", "1, second", "2, first", "2, second"], data);
        Assert.Equal(ids.Distinct(), ids);
    }

    public void Dispose() => _data.Delete(recursive: true);
}
