using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>A subscription that a loop runs: what may be asked of it, by its own end or in its name.</summary>
internal sealed class LiveSubscription(Dispatcher dispatcher, DeliveryLoop loop, IConnectionPlace place)
{
    /// <summary>How it stands; null where it has ended.</summary>
    public Task<ConnectionView?> LookAsync() => loop.AskAsync(asked => asked.Find(place));

    /// <summary>Writes bytes between two events.</summary>
    public Task<AskOutcome> SayAsync(byte[] bytes) => AskAsync(new ConnectionAsk(place) { Bytes = bytes });

    /// <summary>
    /// Puts a set in the place of the connection's: nothing of what both have in common is missed or repeated. What <paramref name="answer"/> makes of the position behind which
    /// the new set applies is written before any event of it. Null if the hub is full.
    /// </summary>
    /// <param name="selectors">The set.</param>
    /// <param name="answer">Makes what is written.</param>
    /// <param name="before">The lease on whose terms the set is chosen.</param>
    /// <param name="lease">The one that takes its place, with the set.</param>
    public Task<AskOutcome>? ChangeAsync(SelectorSet selectors, Func<Position, byte[]> answer, Lease? before, Lease? lease) => dispatcher.Resolve(selectors, loop.Index) is { } resolved
        ? AskAsync(new ConnectionAsk(place)
        {
            Strands = resolved.Strands,
            ExactOnly = selectors.Patterns.Count == 0,
            Birth = resolved.Birth,
            Answer = answer,
            OldLease = before,
            NewLease = lease,
        })
        : null;

    /// <summary>Puts a lease in the place of the connection's, at once.</summary>
    public Task<AskOutcome> RenewAsync(Lease? before, Lease lease) => AskAsync(new ConnectionAsk(place) { OldLease = before, NewLease = lease });

    /// <summary>Ends the connection between two events, with last bytes or without.</summary>
    public Task<AskOutcome> EndAsync(byte[]? bytes, CloseReason reason) => AskAsync(new ConnectionAsk(place) { Bytes = bytes, End = reason });

    /// <summary>The subscriber says that it has processed an event: how old that is, if the connection can have been sent it and it is in the window.</summary>
    public Task<Receipt> FindAsync(Position position, uint ephemeral)
    {
        var ask = new ReceiptAsk(place, position, ephemeral);
        loop.Post(new LoopCommand(LoopCommandKind.Receipt, Argument: ask));
        return ask.Task;
    }

    /// <summary>The subscriber has answered a ping.</summary>
    public void Heard()
    {
        var (number, generation) = place.Place;
        loop.Post(new LoopCommand(LoopCommandKind.Heard, number, generation));
    }

    private Task<AskOutcome> AskAsync(ConnectionAsk ask)
    {
        loop.Post(new LoopCommand(LoopCommandKind.Ask, Argument: ask));
        return ask.Task;
    }
}
