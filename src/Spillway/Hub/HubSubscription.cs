using System.IO.Pipelines;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>A subscription whose strands are held for a loop, until the loop's connection, or its disposal, gives them back.</summary>
internal sealed class HubSubscription(
    PushHub hub, IConnectionHost host, DeliveryLoop loop, Adoption adoption, Position resume, bool nothingFollows, CursorCodec cursors) : Subscription
{
    private readonly ulong _id = adoption.Id;
    private WireFormat _format = adoption.Format;
    private Adoption? _adoption = adoption; // Null once it is the loop's: a stream lives long, and holds no more than it needs.
    private IRunningConnection? _running;
    private int _counted = 1;

    public override string ConnectionId { get; } = Delivery.ConnectionId.Format(adoption.Id);

    public override Position Resume => resume;

    public override CursorCodec Cursors => cursors;

    public override bool Signals { get; } = adoption.Signals;

    public override bool NothingFollows => nothingFollows;

    public override LiveSubscription Live => new(hub.Dispatcher, loop, _running ?? throw new InvalidOperationException("The subscription does not run."));

    public override Task<CloseReason> RunAsync(PipeWriter output, CancellationToken aborted)
    {
        _running = host.Run(loop, TakeAdoption(WireFormats.Plain(_format)), output, aborted); // The web server makes chunks itself.
        hub.Coming.Remove(_id);
        return _running.Ended;
    }

    public override Handover HandOver(Func<WireFormat, WireFormat> format)
    {
        var handedOver = TakeAdoption(format(_format));
        _counted = 0;
        return new Handover(hub, loop, handedOver);
    }

    public override void TakeBack(Handover handover)
    {
        _adoption = handover.Adoption;
        _counted = 1;
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _adoption, null) is { } kept)
        {
            hub.Release(kept, loop.Index);
        }

        if (Interlocked.Exchange(ref _counted, 0) == 1)
        {
            hub.Forget(_format);
        }
    }

    /// <summary>It runs in this format. It was counted in the one that it asked for, which is the same but where what the request looked like has changed meanwhile.</summary>
    private Adoption TakeAdoption(WireFormat format)
    {
        var taken = Interlocked.Exchange(ref _adoption, null) ?? throw new InvalidOperationException("A subscription runs once.");
        if (format == _format)
        {
            return taken;
        }

        hub.Dispatcher.UseFormat(format, 1); // First: somebody subscribes in one of the two all the time.
        hub.Dispatcher.UseFormat(_format, -1);
        _format = format;
        return taken with { Format = format };
    }
}
