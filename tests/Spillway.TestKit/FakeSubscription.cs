using System.IO.Pipelines;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;

namespace Spillway.TestKit;

/// <summary>A subscription that writes what a test says, and ends as it says.</summary>
internal sealed class FakeSubscription : Subscription
{
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

    public override Task<bool> SayAsync(byte[] bytes) => Task.FromResult(false);

    public override Task<bool>? ChangeAsync(SelectorSet selectors, Func<Position, byte[]> answer) => null;

    public override Task<bool> EndAsync(byte[]? bytes, CloseReason reason) => Task.FromResult(false);

    public override Task<Receipt> FindAsync(Position position, uint ephemeral) => Task.FromResult(default(Receipt));

    public override void Heard()
    {
    }

    public override void Dispose() => Disposals++;
}
