using Spillway.Delivery;
using Spillway.Hub;

namespace Spillway.TestKit;

/// <summary>Attaches a connection to its sink as soon as the loop has adopted it.</summary>
internal sealed class TestOwner(DeliveryLoop? loop, FaultySink sink, TestConnection connection) : IRunningConnection
{
    public (int Number, int Generation) Place { get; private set; }

    public Task<CloseReason> Ended => connection.Ended;

    public void Adopted(int number, int generation)
    {
        Place = (number, generation);
        sink.Attach(number, generation, connection);
    }

    public Task<AskOutcome> AskAsync(ConnectionAsk ask)
    {
        loop!.Post(new LoopCommand(LoopCommandKind.Ask, Argument: ask));
        return ask.Task;
    }

    public Task<Receipt> AskAsync(ReceiptAsk ask)
    {
        loop!.Post(new LoopCommand(LoopCommandKind.Receipt, Argument: ask));
        return ask.Task;
    }

    public void Heard() => loop!.Post(new LoopCommand(LoopCommandKind.Heard, Place.Number, Place.Generation));

    public void Refused() => connection.End(CloseReason.Shutdown);
}
