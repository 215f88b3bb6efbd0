using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.TestKit;
using static Spillway.Tests.Backplane.Batches;

namespace Spillway.Tests.Backplane;

public sealed class BackplaneHealthTests : IAsyncDisposable
{
    private readonly ListHistory _history = new();
    private readonly RecordingSink _sink = new();
    private readonly MetricCollector _metrics = new();
    private readonly LogCollector _logs = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly InProcessBackplane _backplane;

    public BackplaneHealthTests()
    {
        _backplane = new InProcessBackplane(_history, Options.Create(new SpillwayOptions()), _clock, new BackplaneMetrics(_metrics), _logs.For<InProcessBackplane>());
        _backplane.Start(_sink);
    }

    public async ValueTask DisposeAsync()
    {
        await _backplane.DisposeAsync();
        _history.Dispose();
        _sink.Dispose();
        _metrics.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public async Task IsFailing_HistoryFails_UntilACommitSucceeds()
    {
        Assert.False(_backplane.IsFailing);

        _history.Fault = new IOException("The disk is full.");
        await PublishAsync();
        AssertBecomes(true);

        _history.Fault = null;
        await PublishAsync();
        AssertBecomes(false);
    }

    [Fact]
    public async Task IsFailing_NothingPublishedSince_EndsAfterHalfAMinute()
    {
        _history.Fault = new IOException("The disk is full.");
        await PublishAsync();
        AssertBecomes(true);

        _clock.Advance(TimeSpan.FromSeconds(29.9));
        Assert.True(_backplane.IsFailing);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(_backplane.IsFailing);
    }

    [Fact]
    public async Task IsFailing_EphemeralEventGoesOn_IsNoRecovery()
    {
        _history.Fault = new IOException("The disk is full.");
        await PublishAsync();
        AssertBecomes(true);

        await _backplane.PublishAsync(Ephemeral(Event("e", "1")), TestContext.Current.CancellationToken);
        await _backplane.StopAsync(TestContext.Current.CancellationToken); // The orderer has seen all of it.

        Assert.True(_backplane.IsFailing);
    }

    private async Task PublishAsync() => await _backplane.PublishAsync(Of(Event("a", "1")), TestContext.Current.CancellationToken);

    // The publisher hears of it a moment before.
    private void AssertBecomes(bool expected) =>
        Assert.True(SpinWait.SpinUntil(() => _backplane.IsFailing == expected, TimeSpan.FromSeconds(10)), $"IsFailing did not become {expected}.");
}
