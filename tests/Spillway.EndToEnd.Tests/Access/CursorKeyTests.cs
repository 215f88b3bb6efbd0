using System.Text;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.EndToEnd.Tests.TransportContract;
using Spillway.Events;
using Spillway.History.Storage;

namespace Spillway.EndToEnd.Tests.Access;

/// <summary>What becomes of cursors when a hub with sealed ones comes back: with its key, in a copy, and without.</summary>
public sealed class CursorKeyTests : IDisposable
{
    private static readonly TransportCase Case = new(Transport.SseRaw, 1, HostSockets.Kestrel);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Key => Path.Combine(_data.FullName, "hub", CursorKeyFile.Name);

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task Restart_WithItsKey_ResumesBehindEveryCursorAndGivesEventsTheSameIds()
    {
        var (cursors, ids) = await PublishAsync();

        await using var server = await StartAsync("hub");
        for (var i = 0; i < cursors.Length; i++)
        {
            foreach (var cursor in (string[])[cursors[i], ids[i]])
            {
                var rest = await ReadAsync(server, cursor, 3 - i);
                Assert.Equal(ids[(i + 1)..], rest.OfType<EventItem>().Select(static one => one.Id).SkipLast(1));
                Assert.DoesNotContain(rest, static one => one is SignalItem);
            }
        }
    }

    [Fact]
    public async Task Restart_KeyIsLost_IsToldAGapAndTheRestAnew()
    {
        var (cursors, _) = await PublishAsync();
        File.Delete(Key);

        await using var server = await StartAsync("hub");
        var read = await ReadAsync(server, cursors[1], 4);

        Assert.Equal(("gap", "lost", cursors[1]), read[0] is SignalItem gap ? (gap.Name, gap.Text("reason"), gap.Text("from")) : default);
        Assert.Equal(["1", "2", "3", "end"], read.OfType<EventItem>().Select(static one => one.Text));
    }

    [Fact]
    public async Task Copy_OfTheDirectory_GoesOnBehindTheOriginalsCursors()
    {
        var (cursors, _) = await PublishAsync();
        var copy = Directory.CreateDirectory(Path.Combine(_data.FullName, "copy"));
        foreach (var file in Directory.GetFiles(Path.Combine(_data.FullName, "hub")))
        {
            File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
        }

        await using var server = await StartAsync("copy");
        var read = await ReadAsync(server, cursors[1], 2);

        Assert.Equal(["3", "end"], read.Select(static one => Assert.IsType<EventItem>(one).Text));
    }

    [Fact]
    public async Task Start_KeyIsBroken_SaysSoAndDoesNotStart()
    {
        await PublishAsync();
        await File.WriteAllTextAsync(Key, "not a key", Token);

        var fault = await Assert.ThrowsAsync<IOException>(() => StartAsync("hub"));

        Assert.Contains(CursorKeyFile.Name, fault.Message, StringComparison.Ordinal);
        Assert.Contains("Restore it", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Publishes three events on a hub that then stops; the publisher's cursors, and the events' ids.</summary>
    private async Task<(string[] Cursors, string[] Ids)> PublishAsync()
    {
        await using var server = await StartAsync("hub");
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, Case, "topic=exact", credential: AccessHub.Wide);
        var cursors = new[] { (await server.PublishAsync("exact", "1")).Cursor, (await server.PublishAsync("exact", "2")).Cursor, (await server.PublishAsync("exact", "3")).Cursor };
        return (cursors, [(await subscriber.NextEventAsync()).Id, (await subscriber.NextEventAsync()).Id, (await subscriber.NextEventAsync()).Id]);
    }

    /// <summary>What comes behind a cursor, up to an event that is published then.</summary>
    private static async Task<List<StreamItem>> ReadAsync(HubServer server, string cursor, int events)
    {
        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, Case, $"topic=exact&cursor={cursor}", credential: AccessHub.Wide);
        await server.Publisher.PublishAsync(new PushEvent { Topic = "exact", Payload = Encoding.UTF8.GetBytes("end") }, Token);
        var read = new List<StreamItem>();
        while (read.OfType<EventItem>().Count() < events)
        {
            read.Add(await subscriber.NextAsync());
        }

        return read;
    }

    private Task<HubServer> StartAsync(string directory) => ContractHub.StartAsync(Case, options =>
    {
        AccessHub.Configure(options);
        options.History.Data = Path.Combine(_data.FullName, directory);
    });
}
