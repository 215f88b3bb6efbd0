using Spillway.Delivery;

namespace Spillway.TestKit;

/// <summary>Attaches a connection to its sink as soon as the loop has adopted it.</summary>
internal sealed class TestOwner(FaultySink sink, TestConnection connection) : IConnectionOwner
{
    public void Adopted(int number, int generation) => sink.Attach(number, generation, connection);

    public void Refused() => connection.End(CloseReason.Shutdown);
}
