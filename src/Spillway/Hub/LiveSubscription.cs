using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>A subscription that a loop runs: what its own end asks of it. Of the first three one at a time.</summary>
internal sealed class LiveSubscription(Dispatcher dispatcher, DeliveryLoop loop, IConnectionPlace place)
{
    /// <summary>Writes bytes between two events; false if the connection has ended before.</summary>
    public Task<bool> SayAsync(byte[] bytes) => AskAsync(new ConnectionAsk(place) { Bytes = bytes });

    /// <summary>
    /// Puts a set in the place of the connection's: nothing of what both have in common is missed or repeated. What <paramref name="answer"/> makes of the position behind which
    /// the new set applies is written before any event of it. Null if the hub is full.
    /// </summary>
    public Task<bool>? ChangeAsync(SelectorSet selectors, Func<Position, byte[]> answer) => dispatcher.Resolve(selectors, loop.Index) is { } resolved
        ? AskAsync(new ConnectionAsk(place) { Strands = resolved.Strands, ExactOnly = selectors.Patterns.Count == 0, Birth = resolved.Birth, Answer = answer })
        : null;

    /// <summary>Ends the connection between two events, with last bytes or without.</summary>
    public Task<bool> EndAsync(byte[]? bytes, CloseReason reason) => AskAsync(new ConnectionAsk(place) { Bytes = bytes, End = reason });

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

    private Task<bool> AskAsync(ConnectionAsk ask)
    {
        loop.Post(new LoopCommand(LoopCommandKind.Ask, Argument: ask));
        return ask.Task;
    }
}
