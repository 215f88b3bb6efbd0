using System.IO.Pipelines;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>A subscription whose strands are held for a loop, until the loop's connection, or its disposal, gives them back.</summary>
internal sealed class HubSubscription(
    PushHub hub, IConnectionHost host, DeliveryLoop loop, Adoption adoption, Position resume, bool nothingFollows, string connectionId) : Subscription
{
    private readonly WireFormat _format = adoption.Format;
    private Adoption? _adoption = adoption; // Null once it is the loop's: a stream lives long, and holds no more than it needs.
    private int _counted = 1;

    public override string ConnectionId => connectionId;

    public override Position Resume => resume;

    public override bool Signals { get; } = adoption.Signals;

    public override bool NothingFollows => nothingFollows;

    public override Task<CloseReason> RunAsync(PipeWriter output, CancellationToken aborted)
    {
        var handedOver = Interlocked.Exchange(ref _adoption, null) ?? throw new InvalidOperationException("A subscription runs once.");
        return host.RunAsync(loop, handedOver, output, aborted);
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _adoption, null) is { } kept)
        {
            hub.Release(kept.Strands, loop.Index);
        }

        if (Interlocked.Exchange(ref _counted, 0) == 1)
        {
            hub.Forget(_format);
        }
    }
}
