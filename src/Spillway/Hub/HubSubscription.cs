using System.IO.Pipelines;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>A subscription whose strands are held for a loop, until the loop's connection, or its disposal, gives them back.</summary>
internal sealed class HubSubscription(
    PushHub hub, IConnectionHost host, DeliveryLoop loop, ResolvedStrands resolved, SubscriptionRequest request, HubStart start, string connectionId) : Subscription
{
    private int _handedOver;
    private int _counted = 1;

    public override string ConnectionId => connectionId;

    public override Position Resume => start.Resume;

    public override bool NothingFollows => start.NothingFollows;

    public override async Task<CloseReason> RunAsync(PipeWriter output, CancellationToken aborted)
    {
        if (Interlocked.Exchange(ref _handedOver, 1) != 0)
        {
            throw new InvalidOperationException("A subscription runs once.");
        }

        try
        {
            return await host.RunAsync(loop, Adopt, output, aborted);
        }
        finally
        {
            Uncount();
        }
    }

    public override ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _handedOver, 1) == 0)
        {
            hub.Release(resolved.Strands, loop.Index);
        }

        Uncount();
        return ValueTask.CompletedTask;
    }

    private void Uncount()
    {
        if (Interlocked.Exchange(ref _counted, 0) == 1)
        {
            hub.Forget(request.Format);
        }
    }

    private Adoption Adopt(Action<int, int> onAdopted) => new(
        resolved.Strands, request.Selectors.Patterns.Count == 0, resolved.Birth, resolved.Head, resolved.HeadOffset, start.Resume.Offset, start.Live, start.SnapshotUpTo,
        start.Lost, request.Format, request.Signals, onAdopted);
}
