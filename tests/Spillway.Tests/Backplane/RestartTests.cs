using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.History;
using Spillway.TestKit;
using static Spillway.Tests.Backplane.Batches;

namespace Spillway.Tests.Backplane;

/// <summary>The backplane over the history that hubs use, on disk, before and after a restart.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-").FullName;

    private readonly List<string> _copies = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach (var directory in _copies.Append(_directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task PublishAsync_AfterARestart_RepeatsAndEndsAreAnsweredAsBefore()
    {
        var before = await RunAsync(
            Of(Event("a", "1", id: "x"), Event("t", "2")), Of(Event("t", "3", final: true)), EndOf("u"), Ephemeral(Event("e", "4")), Of(Event("b", "5", id: "y")));

        var after = await RunAsync(
            Of(Event("a", "1", id: "x")), EndOf("t"), EndOf("u"), Of(Event("b", "other", id: "y")), Of(Event("t")), Of(Event("a", "6")));

        Assert.All(before, static outcome => Assert.Equal(PublishStatus.Committed, outcome.Status));
        Assert.Equal(before[0].Last.Offset - 1, after[0].Last.Offset);
        Assert.Equal([before[1].Last, before[2].Last], [after[1].Last, after[2].Last]);
        Assert.Equal(
            [PublishStatus.Committed, PublishStatus.Committed, PublishStatus.Committed, PublishStatus.IdReused, PublishStatus.TopicEnded, PublishStatus.Committed],
            after.Select(static outcome => outcome.Status));
        Assert.Equal([1, 1, 1], after[..3].Select(static outcome => outcome.Duplicates));
        Assert.True(after[5].Last.Epoch == before[4].Last.Epoch && after[5].Last.Offset > before[4].Last.Offset);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PublishAsync_EphemeralEventsAfterRestarts_NeverHaveAnIdOfBefore(bool afterACrash)
    {
        var ids = new List<(long Offset, uint Number)>();
        var directory = _directory;
        for (var round = 0; round < 4; round++)
        {
            using var sink = new RecordingSink();
            EventBatch[] batches = [Ephemeral(Event("e"), Event("e")), .. round == 2 ? [Of(Event("a")), Ephemeral(Event("e"))] : Array.Empty<EventBatch>()];
            var copy = directory + "-" + round;
            await RunAsync(directory, sink, afterACrash ? () => Copy(directory, copy) : null, batches);
            ids.AddRange(sink.Records.Select(static record => (EventRecord.OffsetOf(record), new EventRecord(record).EphemeralNumber)));
            directory = afterACrash ? copy : directory;
        }

        Assert.Equal(10, ids.Count);
        Assert.Equal(ids.Order(), ids);
        Assert.Equal(ids.Distinct(), ids);
        Assert.Equal([1u, 2u], ids[^2..].Select(static id => id.Number));
    }

    /// <summary>As a crash leaves it: without what a clean stop notes.</summary>
    private void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        _copies.Add(to);
        foreach (var file in Directory.EnumerateFiles(from).Where(static file => !Path.GetFileName(file).StartsWith("lock", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private async Task<PublishOutcome[]> RunAsync(params EventBatch[] batches)
    {
        using var sink = new RecordingSink();
        return await RunAsync(_directory, sink, null, batches);
    }

    private static async Task<PublishOutcome[]> RunAsync(string directory, RecordingSink sink, Action? beforeTheStop, params EventBatch[] batches)
    {
        using var metrics = new MetricCollector();
        using var history = HistoryFactory.Open(new HistoryOptions { Data = directory }, TimeProvider.System, NullLoggerFactory.Instance);
        await using var backplane = new InProcessBackplane(
            history, Options.Create(new SpillwayOptions()), TimeProvider.System, new BackplaneMetrics(metrics), NullLogger<InProcessBackplane>.Instance);
        backplane.Start(sink);
        var outcomes = new List<PublishOutcome>();
        foreach (var batch in batches)
        {
            outcomes.Add(await backplane.PublishAsync(batch, Token));
        }

        beforeTheStop?.Invoke();
        return [.. outcomes];
    }
}
