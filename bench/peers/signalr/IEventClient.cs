namespace SignalRPeer;

/// <summary>What the hub calls at its subscribers.</summary>
public interface IEventClient
{
    Task Receive(Envelope message);
}
