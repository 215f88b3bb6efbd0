using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Tests.History;
using static Spillway.Tests.Backplane.Batches;
using static Spillway.Tests.Hub.SmallHub;

namespace Spillway.Tests.Hub;

/// <summary>
/// A whole hub whose disk does not answer. What is in the window and not written could be lost behind it, so publishers wait, and within a bound; all else goes on.
/// </summary>
public sealed class StalledDiskTests : IDisposable
{
    private const int Before = 200; // Three times the window.

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20); // Real time: only a test that fails waits so long.

    private readonly StubStore _store = new();
    private readonly ManualResetEventSlim _disk = new(true);
    private readonly SemaphoreSlim _reached = new(0);
    private readonly MetricCollector _metrics = new();
    private readonly SpillwayOptions _options = Small();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _disk.Dispose();
        _reached.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public async Task Publish_DiskStallsInAWrite_PublishersWaitWithinTheBoundAndSubscribersAreServed()
    {
        _options.Limits.IngressQueueBytes = 8 * 1024;
        await using var harness = new HubHarness(_options, store: _store);
        await using var backplane = Start(harness);
        var (_, live) = await harness.ConnectAsync(Request("a"));
        await PublishAsync(backplane, 0, Before, CommitLevel.Synced);
        await harness.UntilAsync(() => live.Payloads().Length == Before, "what came before");

        _store.OnWrite = Stall;
        _disk.Reset();
        var waiting = new List<Task<PublishOutcome>>();
        var (refused, next) = (default(PublishOutcome), Before);
        while (refused.Status == PublishStatus.Committed && next < 10_000)
        {
            var publishing = backplane.PublishAsync(Of(Event("a", $"{next++}")), Token).AsTask();
            refused = publishing.IsCompleted ? await publishing : refused;
            waiting.Add(publishing);
        }

        waiting.RemoveAt(waiting.Count - 1);
        await _reached.WaitAsync(Patience, Token);
        Assert.Equal(PublishStatus.Overloaded, refused.Status);
        Assert.InRange(backplane.QueueBytes, 1, _options.Limits.IngressQueueBytes);
        Assert.DoesNotContain(waiting, static publishing => publishing.IsCompleted);
        Assert.Equal(harness.History.Head, harness.Hub.Window.PublishedOffset); // Nobody sees what may not stay.
        await AssertServesAsync(harness, live, Before);

        _disk.Set();
        var outcomes = await Task.WhenAll(waiting).WaitAsync(Patience, Token);

        Assert.All(outcomes, static outcome => Assert.Equal(PublishStatus.Committed, outcome.Status));
        await harness.UntilAsync(() => live.Payloads().Length == Before + waiting.Count, "what waited");
        Assert.Equal(Enumerable.Range(0, Before + waiting.Count).Select(static i => $"{i}"), live.Received());
    }

    [Fact]
    public async Task Publish_DiskStallsInASync_OnlyThoseWaitWhoAskedForIt()
    {
        await using var harness = new HubHarness(_options, store: _store);
        await using var backplane = Start(harness);
        var (_, live) = await harness.ConnectAsync(Request("a"));
        _store.OnSync = Stall;
        _disk.Reset();

        var synced = backplane.PublishAsync(Of(Event("a", "0")), Token).AsTask();
        await _reached.WaitAsync(Patience, Token);
        await PublishAsync(backplane, 1, Before, CommitLevel.Written);
        await harness.UntilAsync(() => live.Payloads().Length == Before, "what is written");

        Assert.False(synced.IsCompleted);
        Assert.True(harness.Hub.Window.Tail > 1, "The window has gone on, and history has what left it.");
        await AssertServesAsync(harness, live, Before);
        _disk.Set();
        Assert.Equal(PublishStatus.Committed, (await synced.WaitAsync(Patience, Token)).Status);
        Assert.Equal(Enumerable.Range(0, Before).Select(static i => $"{i}"), live.Received());
    }

    /// <summary>A new subscriber gets everything, most of it from history, and one that has everything is kept alive.</summary>
    private static async Task AssertServesAsync(HubHarness harness, TestConnection live, int events)
    {
        var (_, late) = await harness.ConnectAsync(Request("a") with { Start = StartKind.Earliest });
        await harness.UntilAsync(() => late.Payloads().Length == events, "a replay");
        Assert.Equal(Enumerable.Range(0, events).Select(static i => $"{i}"), late.Received());

        var length = live.Bytes.Length;
        harness.Clock.Advance(TimeSpan.FromSeconds(16));
        await harness.UntilAsync(() => live.Bytes.Length > length, "a keep-alive");
    }

    private static async Task PublishAsync(InProcessBackplane backplane, int from, int to, CommitLevel commit)
    {
        for (var i = from; i < to; i++)
        {
            Assert.Equal(PublishStatus.Committed, (await backplane.PublishAsync(Of(Event("a", $"{i}")) with { Commit = commit }, Token)).Status);
        }
    }

    private InProcessBackplane Start(HubHarness harness)
    {
        var backplane = new InProcessBackplane(harness.History, Options.Create(_options), harness.Clock, new BackplaneMetrics(_metrics), NullLogger<InProcessBackplane>.Instance);
        backplane.Start(harness.Hub);
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
}
