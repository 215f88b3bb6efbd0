using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.TestKit;
using static Spillway.Tests.Backplane.Batches;

namespace Spillway.Tests.Backplane;

public sealed class CommitLevelTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly ListHistory _history = new() { IsDurable = true };
    private readonly RecordingSink _sink = new();
    private readonly MetricCollector _metrics = new();
    private readonly LogCollector _logs = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly SpillwayOptions _options = new();
    private readonly ManualResetEventSlim _disk = new(true);
    private readonly SemaphoreSlim _reached = new(0);
    private InProcessBackplane? _backplane;

    private InProcessBackplane Backplane => _backplane ??= Start();

    public async ValueTask DisposeAsync()
    {
        _disk.Set();
        await Backplane.DisposeAsync();
        _history.Dispose();
        _sink.Dispose();
        _metrics.Dispose();
        _logs.Dispose();
        _disk.Dispose();
        _reached.Dispose();
    }

    [Fact]
    public async Task PublishAsync_Memory_IsAnsweredBeforeTheWrite()
    {
        _history.OnAppend = Stall;
        _disk.Reset();

        var outcome = await PublishAsync(CommitLevel.Memory);

        Assert.Equal((PublishStatus.Committed, 1L, 0L), (outcome.Status, outcome.Last.Offset, _history.Head));
        _disk.Set();
        await _sink.WaitForRoundAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, _history.Head);
    }

    /// <summary>Else the window could let go of an event that history does not have yet, and nobody could read it any more: publishers wait instead.</summary>
    [Fact]
    public async Task PublishAsync_WriteStalls_ReachesNobodyAndNobodyIsAnsweredBeforeItIsWritten()
    {
        _history.OnAppend = Stall;
        _disk.Reset();

        var publishing = Enumerable.Range(0, 10).Select(i => PublishAsync(CommitLevel.Written, $"{i}")).ToArray();
        await _reached.WaitAsync(TestContext.Current.CancellationToken);

        Assert.Empty(_sink.Records);
        Assert.All(publishing, static one => Assert.False(one.IsCompleted));
        _disk.Set();
        await Task.WhenAll(publishing);
        Assert.Equal((10, 10L), (_sink.Records.Count, _history.Head));
    }

    [Fact]
    public async Task PublishAsync_MemoryAndTheWriteFails_IsCountedAsLost()
    {
        _history.Fault = new IOException("Input/output error");

        var outcome = await PublishAsync(CommitLevel.Memory);
        await PublishAsync(CommitLevel.Written); // Answered behind it.

        Assert.Equal((PublishStatus.Committed, 1d), (outcome.Status, _metrics.Sum("spillway.backplane.lost_events")));
    }

    [Fact]
    public async Task PublishAsync_WrittenAndSynced_AreAnsweredBeforeAndAfterTheSyncButDeliveredAtOnce()
    {
        _history.OnSync = Stall;
        _disk.Reset();

        var synced = PublishAsync(CommitLevel.Synced);
        await _sink.WaitForRoundAsync(TestContext.Current.CancellationToken);
        await PublishAsync(CommitLevel.Written);

        Assert.False(synced.IsCompleted);
        Assert.Equal((2L, 0L), (_history.Head, _history.Synced));
        _disk.Set();
        Assert.Equal(PublishStatus.Committed, (await synced.WaitAsync(Patience, TestContext.Current.CancellationToken)).Status);
        Assert.True(_history.Synced >= 1);
    }

    [Fact]
    public async Task PublishAsync_ManyDuringOneSync_AreSyncedTogether()
    {
        var syncs = 0;
        _history.OnSync = () =>
        {
            syncs++;
            Stall();
        };
        _disk.Reset();

        var first = PublishAsync(CommitLevel.Synced);
        await _reached.WaitAsync(TestContext.Current.CancellationToken);
        var others = Enumerable.Range(0, 100).Select(_ => PublishAsync(CommitLevel.Synced)).ToArray();
        Assert.True(SpinWait.SpinUntil(() => _history.Head == 101, Patience));
        _disk.Set();
        await Task.WhenAll([first, .. others]).WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.InRange(syncs, 2, 3); // The last of them may come while the second sync begins.
    }

    [Fact]
    public async Task PublishAsync_DeliverSynced_ReachesTheHubInOrderAfterTheSync()
    {
        _options.History.DeliverSynced = true;
        _history.OnSync = Stall;
        _disk.Reset();

        await PublishAsync(CommitLevel.Written, "1");
        await Backplane.PublishAsync(Ephemeral(Event("a", "2")), CancellationToken.None);
        await PublishAsync(CommitLevel.Written, "3");
        Assert.Empty(_sink.Records);
        _disk.Set();

        Assert.True(SpinWait.SpinUntil(() => _sink.Records.Count == 3, Patience));
        Assert.Equal(["1", "2", "3"], _sink.Payloads);
    }

    [Fact]
    public async Task PublishAsync_DeliverSyncedAndTheSyncFailsOnce_DeliversWithTheNext()
    {
        _options.History.DeliverSynced = true;
        _history.OnSync = static () => throw new IOException("Input/output error");
        Assert.Equal(PublishStatus.Failed, (await PublishAsync(CommitLevel.Synced, "1")).Status);
        Assert.True(Backplane.IsFailing);
        Assert.Empty(_sink.Records);
        _history.OnSync = null;

        Assert.Equal(PublishStatus.Committed, (await PublishAsync(CommitLevel.Synced, "2")).Status);

        Assert.Equal(["1", "2"], _sink.Payloads);
        Assert.False(Backplane.IsFailing);
    }

    [Theory]
    [InlineData(28, "DiskFull")]
    [InlineData(122, "DiskFull")]
    [InlineData(5, "Failed")]
    [InlineData(30, "Failed")]
    public async Task PublishAsync_DiskFails_SaysWhetherItIsFull(int error, string expected)
    {
        _history.Fault = new IOException("The disk.", error);
        Assert.Equal(expected, (await PublishAsync(CommitLevel.Synced)).Status.ToString());

        _history.Fault = null;
        _history.OnSync = () => throw new IOException("The disk.", error);
        Assert.Equal(expected, (await PublishAsync(CommitLevel.Synced)).Status.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PublishAsync_DiskStalls_RefusesPublishersUntilItComesBack(bool writing)
    {
        if (writing)
        {
            _history.OnAppend = Stall;
        }
        else
        {
            _history.OnSync = Stall;
        }

        _disk.Reset();
        var first = PublishAsync(CommitLevel.Synced);
        await _reached.WaitAsync(TestContext.Current.CancellationToken);
        _clock.Advance(_options.History.StallAfter + TimeSpan.FromMilliseconds(1));

        var refused = await PublishAsync(CommitLevel.Memory);

        Assert.Equal(PublishStatus.Overloaded, refused.Status);
        Assert.Contains("History:StallAfter", refused.Detail, StringComparison.Ordinal);
        _disk.Set();
        Assert.Equal(PublishStatus.Committed, (await first.WaitAsync(Patience, TestContext.Current.CancellationToken)).Status);
        Assert.Equal(PublishStatus.Committed, (await PublishAsync(CommitLevel.Synced)).Status);
    }

    [Fact]
    public async Task PublishAsync_WaitingForASync_HoldsItsShareOfTheQueue()
    {
        _history.OnSync = Stall;
        _disk.Reset();
        var waiting = PublishAsync(CommitLevel.Synced);
        await _reached.WaitAsync(TestContext.Current.CancellationToken);

        Assert.True(Backplane.QueueBytes > 0);
        _disk.Set();
        await waiting;
        Assert.Equal(0, Backplane.QueueBytes);
    }

    private InProcessBackplane Start()
    {
        var backplane = new InProcessBackplane(_history, Options.Create(_options), _clock, new BackplaneMetrics(_metrics), _logs.For<InProcessBackplane>());
        backplane.Start(_sink);
        return backplane;
    }

    private void Stall()
    {
        _reached.Release();
        if (!_disk.Wait(Patience))
        {
            throw new TimeoutException("The test did not let the disk go on.");
        }
    }

    private Task<PublishOutcome> PublishAsync(CommitLevel commit, string payload = "") =>
        Backplane.PublishAsync(Of(Event("a", payload)) with { Commit = commit }, TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
}
