using Spillway.Backplane;
using static Spillway.Tests.Backplane.Batches;

namespace Spillway.Tests.Backplane;

public sealed class BatchQueueTests
{
    [Fact]
    public void TryAdd_BoundIsLoweredAndRaised_HoldsForTheNextBatch()
    {
        var limits = new LimitOptions { IngressQueueBytes = 4 << 20 };
        var queue = new BatchQueue(limits);
        var payload = new string('x', 1_000_000);
        Assert.Equal(PublishStatus.Committed, queue.TryAdd(Pending(2, payload)));

        limits.IngressQueueBytes = 1 << 20;
        Assert.Equal(PublishStatus.Overloaded, queue.TryAdd(Pending(1, "x")));
        limits.IngressQueueBytes = 4 << 20;

        Assert.Equal(PublishStatus.Committed, queue.TryAdd(Pending(1, payload)));
    }

    [Fact]
    public void Take_ManyEvents_StopsAtARoundsBound()
    {
        var queue = new BatchQueue(new LimitOptions { IngressQueueBytes = 1 << 30 });
        for (var i = 0; i < 5; i++)
        {
            queue.TryAdd(Pending(1_000, payload: ""));
        }

        Assert.Equal([4, 1], [TakeCount(queue), TakeCount(queue)]); // 4,096 events hold four batches of 1,000.
    }

    [Fact]
    public void Take_ManyBytes_StopsAtARoundsBound()
    {
        var queue = new BatchQueue(new LimitOptions { IngressQueueBytes = 1 << 30 });
        var payload = new string('x', 400_000);
        queue.TryAdd(Pending(1, payload));
        queue.TryAdd(Pending(1, payload));
        queue.TryAdd(Pending(1, payload));
        queue.TryAdd(Pending(5, payload)); // Larger than a round, and a round of its own.

        Assert.Equal([2, 1, 1], [TakeCount(queue), TakeCount(queue), TakeCount(queue)]);
    }

    [Fact]
    public void Take_Closed_GivesTheRestAndThenNothing()
    {
        var queue = new BatchQueue(new LimitOptions { IngressQueueBytes = 1 << 20 });
        queue.TryAdd(Pending(1, ""));

        queue.Close();

        Assert.Equal(PublishStatus.ShuttingDown, queue.TryAdd(Pending(1, "")));
        Assert.Equal(1, TakeCount(queue));
        Assert.False(queue.Take([]));
    }

    private static PendingBatch Pending(int events, string payload) =>
        PendingBatch.Create(Of([.. Enumerable.Range(0, events).Select(_ => Event("a", payload))]));

    private static int TakeCount(BatchQueue queue)
    {
        var round = new List<PendingBatch>();
        Assert.True(queue.Take(round));
        queue.Release(round.Sum(static pending => pending.QueuedBytes));
        return round.Count;
    }
}
