using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.TestKit;
using static Spillway.Tests.Backplane.Batches;

namespace Spillway.Tests.Backplane;

/// <summary>What a backplane knows of ids from before its start, and by which names events are found.</summary>
public sealed class RestoredTests : IAsyncDisposable
{
    private readonly ListHistory _history = new();
    private readonly RecordingSink _sink = new();
    private readonly MetricCollector _metrics = new();
    private readonly LogCollector _logs = new();
    private readonly InProcessBackplane _backplane;

    public RestoredTests() => _backplane = new InProcessBackplane(_history, Options.Create(new SpillwayOptions()), new ManualTimeProvider(), new BackplaneMetrics(_metrics), _logs.For<InProcessBackplane>());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _backplane.DisposeAsync();
        _history.Dispose();
        _sink.Dispose();
        _metrics.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public async Task Restored_IdsAreStillBeingRead_CompletesWhenTheyAreFound()
    {
        using var hold = new ManualResetEventSlim();
        _history.Append(Records.Make(Event("a", "1", id: "space/ann x"), offset: 1));
        _history.OnFindSince = () => hold.Wait(Token);
        _backplane.Start(_sink);
        Assert.Empty(Find("space", "x"));
        Assert.False(_backplane.Restored.IsCompleted);

        hold.Set();
        await _backplane.Restored.WaitAsync(Token);

        Assert.Equal([1], Find("space", "x"));
        Assert.Empty(Find("other", "x"));
        Assert.Empty(Find("space", "ann x"));
    }

    [Fact]
    public async Task Restored_HistoryCannotBeRead_CompletesAllTheSame()
    {
        _history.OnFindSince = static () => throw new IOException("The disk is gone.");

        _backplane.Start(_sink);
        await _backplane.Restored.WaitAsync(Token);

        Assert.True(_backplane.Restored.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Restored_StoppedBeforeTheStart_Completes()
    {
        Assert.False(_backplane.Restored.IsCompleted);

        await _backplane.StopAsync(Token);

        Assert.True(_backplane.Restored.IsCompletedSuccessfully);
    }

    /// <summary>An id is its publisher's, and a name anybody's; history has nothing to show who asks for an ephemeral event.</summary>
    [Fact]
    public async Task FindNamed_SeveralPublishers_AreAllFoundButTheEphemeral()
    {
        _backplane.Start(_sink);
        foreach (var id in new[] { "space/ann x", "space/ben x", "space/ann y", "x" })
        {
            Assert.Equal(1, (await _backplane.PublishAsync(Of(Event("a", id, id: id)), Token)).Accepted);
        }

        var ephemeral = Event("b", "e", id: "space/eve x");
        Assert.Equal(1, (await _backplane.PublishAsync(Ephemeral(ephemeral), Token)).Accepted);

        Assert.Equal([1, 2], Find("space", "x"));
        Assert.Equal([3], Find("space", "y"));
        Assert.Equal(1, (await _backplane.PublishAsync(Of(Event("a", "space/ben x", id: "space/ben x")), Token)).Duplicates);
        Assert.Equal(1, (await _backplane.PublishAsync(Ephemeral(ephemeral), Token)).Duplicates);
    }

    private long[] Find(string space, string name) => [.. _backplane.FindNamed(System.Text.Encoding.ASCII.GetBytes(space), System.Text.Encoding.ASCII.GetBytes(name), most: 10).Select(static position => position.Offset)];
}
