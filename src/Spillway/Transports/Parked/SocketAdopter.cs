using Spillway.Delivery;
using Spillway.Hub;

namespace Spillway.Transports.Parked;

/// <summary>Takes a socket from Kestrel's side to a loop. Gone when it has.</summary>
/// <param name="sockets">The loop's.</param>
/// <param name="handover">The subscription.</param>
/// <param name="webSocket">What its client may say; null: nothing, it is an event stream.</param>
/// <param name="opened">The clock's timestamp now.</param>
/// <param name="ended">Told if it ends before its loop has it.</param>
internal sealed class SocketAdopter(ParkedSockets sockets, Handover handover, ParkedWebSocket? webSocket, long opened, Action<EndedConnection> ended) : ISocketAdopter, IConnectionOwner
{
    public (int Number, int Generation) Place { get; private set; }

    public int Descriptor { get; private set; } = -1;

    /// <summary>What the client sent beyond its request.</summary>
    public byte[] Early { get; private set; } = [];

    public long Opened => opened;

    public Handover Handover => handover;

    public ParkedWebSocket? WebSocket => webSocket;

    public WireFormat Format => handover.Adoption.Format;

    public ulong Id => handover.Adoption.Id;

    public void Adopt(int descriptor, byte[] early)
    {
        (Descriptor, Early) = (descriptor, early);
        handover.Adoption.Owner = this;
        handover.Loop.Post(new LoopCommand(LoopCommandKind.Adopt, Argument: handover.Adoption));
        handover.Hub.Coming.Remove(Id);
    }

    public void Gone(CloseReason reason)
    {
        handover.Hub.Release(handover.Adoption, handover.Loop.Index);
        handover.Hub.EndedEarly(reason);
        ended(End(reason));
    }

    public void Adopted(int number, int generation)
    {
        Place = (number, generation);
        try
        {
            sockets.Adopt(number, generation, this);
        }
        catch when (!sockets.Has(number, generation)) // Nobody else knows the descriptor.
        {
            sockets.Calls.Reset(Descriptor);
            ended(End(CloseReason.Failed));
            throw; // The loop counts it with its others.
        }
    }

    public void Refused()
    {
        sockets.Calls.Close(Descriptor);
        ended(End(CloseReason.Shutdown));
    }

    private EndedConnection End(CloseReason reason) => new(Id, reason, 0, opened, handover.Adoption.Offset, handover.Adoption.Format);
}
