using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Who reads the files of history while streams are written: never a loop, which all others of its connections would wait for.</summary>
public sealed class FileReadTests : IDisposable
{
    private const int Events = 400;

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");
    private readonly ConcurrentDictionary<string, int> _readers = new(StringComparer.Ordinal);

    public void Dispose() => _data.Delete(recursive: true);

    [Theory]
    [TransportCases]
    public async Task Open_BehindTheWindow_NoLoopReadsAFile(TransportCase @case)
    {
        var disk = new WatchedDisk(_data.FullName) { OnRead = (_, _) => _readers.AddOrUpdate(Thread.CurrentThread.Name ?? "", 1, static (_, count) => count + 1) };
        await using var server = await ContractHub.StartAsync(
            @case, static options => options.Delivery.WindowEvents = 16, builder => builder.Services.AddSingleton<IHistory>(services => Open(disk, services.GetRequiredService<TimeProvider>())));
        var payload = new string('x', 1_000);
        for (var i = 0; i < Events; i++)
        {
            await server.PublishAsync("a", $"{i}:{payload}");
        }

        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a&earliest");
        var texts = await subscriber.NextTextsAsync(Events);

        Assert.Equal(Enumerable.Range(0, Events), texts.Select(static text => int.Parse(text.AsSpan(0, text.IndexOf(':', StringComparison.Ordinal)), null)));
        Assert.Contains(_readers.Keys, static name => name.StartsWith("spillway-replay-", StringComparison.Ordinal));
        Assert.DoesNotContain(_readers.Keys, static name => name.StartsWith("spillway-loop-", StringComparison.Ordinal));
    }

    /// <summary>One of small segments, so that most of it is in files only.</summary>
    private SegmentedHistory Open(IDisk disk, TimeProvider clock) => new(
        HistoryLimits.From(new HistoryOptions { MaxBytes = 1024 * 1024 }), DirectoryStore.Open(_data.FullName, disk, DirectoryLock.Acquire(_data.FullName), NullLogger.Instance), clock, NullLogger.Instance, new HistoryMetrics(meters: null));
}
