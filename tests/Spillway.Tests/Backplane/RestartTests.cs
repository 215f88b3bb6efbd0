using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.History;
using Spillway.TestKit;
using static Spillway.Tests.Backplane.Batches;

namespace Spillway.Tests.Backplane;

/// <summary>The backplane over the history that hubs use, on disk, before and after a restart.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("spillway-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

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

    private async Task<PublishOutcome[]> RunAsync(params EventBatch[] batches)
    {
        using var metrics = new MetricCollector();
        using var sink = new RecordingSink();
        using var history = HistoryFactory.Open(new HistoryOptions { Data = _directory }, TimeProvider.System, NullLoggerFactory.Instance);
        await using var backplane = new InProcessBackplane(
            history, Options.Create(new SpillwayOptions()), TimeProvider.System, new BackplaneMetrics(metrics), NullLogger<InProcessBackplane>.Instance);
        backplane.Start(sink);
        var outcomes = new List<PublishOutcome>();
        foreach (var batch in batches)
        {
            outcomes.Add(await backplane.PublishAsync(batch, Token));
        }

        return [.. outcomes];
    }
}
