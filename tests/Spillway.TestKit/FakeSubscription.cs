using System.IO.Pipelines;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;

namespace Spillway.TestKit;

/// <summary>A subscription that writes what a test says, and ends as it says.</summary>
internal sealed class FakeSubscription : Subscription
{
    private static readonly Lazy<LoopRig> Stopped = new(static () =>
    {
        var rig = new LoopRig();
        rig.Loop.Post(new LoopCommand(LoopCommandKind.Stop));
        rig.Loop.Turn();
        return rig;
    });

    public override string ConnectionId => "c-7";

    public override Position Resume => new(46_655, 5); // 1zzz-5

    public override bool Signals => Asked?.Signals != false;

    /// <summary>The request that it answers.</summary>
    public SubscriptionRequest? Asked { get; set; }

    public override bool NothingFollows => Ended;

    public bool Ended { get; init; }

    public string Written { get; init; } = "";

    public CloseReason Reason { get; init; } = CloseReason.TopicsEnded;

    /// <summary>Sets how a poll ends.</summary>
    public Action<Poll>? Answer { get; init; }

    /// <summary>Stands for a fault of the hub.</summary>
    public Exception? Fault { get; init; }

    public bool HasRun { get; private set; }

    public int Disposals { get; private set; }

    public override async Task<CloseReason> RunAsync(PipeWriter output, CancellationToken aborted)
    {
        HasRun = true;
        if (Fault is not null)
        {
            throw Fault;
        }

        if (Asked?.Poll is { } poll)
        {
            Answer?.Invoke(poll);
        }

        await output.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Written), aborted);
        return Reason;
    }

    /// <summary>Whatever is asked of it comes too late.</summary>
    public override LiveSubscription Live => new(Stopped.Value.Dispatcher, Stopped.Value.Loop, new GonePlace());

    public override Handover HandOver(Func<WireFormat, WireFormat> format) => throw new NotSupportedException("A fake stays where it is.");

    public override void TakeBack(Handover handover) => throw new NotSupportedException("A fake stays where it is.");

    public override void Dispose() => Disposals++;

    private sealed record GonePlace : IConnectionPlace
    {
        public (int Number, int Generation) Place => (0, 0);
    }
}
