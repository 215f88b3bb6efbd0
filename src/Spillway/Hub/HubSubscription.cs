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
    private IRunningConnection? _running;
    private int _counted = 1;

    public override string ConnectionId => connectionId;

    public override Position Resume => resume;

    public override bool Signals { get; } = adoption.Signals;

    public override bool NothingFollows => nothingFollows;

    public override Task<CloseReason> RunAsync(PipeWriter output, CancellationToken aborted)
    {
        var handedOver = Interlocked.Exchange(ref _adoption, null) ?? throw new InvalidOperationException("A subscription runs once.");
        _running = host.Run(loop, handedOver, output, aborted);
        return _running.Ended;
    }

    public override Task<bool> SayAsync(byte[] bytes) => Running.AskAsync(new ConnectionAsk(Running) { Bytes = bytes });

    public override Task<bool>? ChangeAsync(SelectorSet selectors, Func<Position, byte[]> answer)
    {
        var running = Running;
        return hub.Dispatcher.Resolve(selectors, loop.Index) is { } resolved
            ? running.AskAsync(new ConnectionAsk(running) { Strands = resolved.Strands, ExactOnly = selectors.Patterns.Count == 0, Birth = resolved.Birth, Answer = answer })
            : null;
    }

    public override Task<bool> EndAsync(byte[]? bytes, CloseReason reason) => Running.AskAsync(new ConnectionAsk(Running) { Bytes = bytes, End = reason });

    public override Task<Receipt> FindAsync(Position position, uint ephemeral) => Running.AskAsync(new ReceiptAsk(Running, position, ephemeral));

    public override void Heard() => Running.Heard();

    private IRunningConnection Running => _running ?? throw new InvalidOperationException("The subscription does not run.");

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
