namespace Spillway.Delivery;

/// <summary>What a loop is to be asked on its own thread, where everything it has may be looked at.</summary>
internal interface ILoopQuery
{
    void Answer(DeliveryLoop loop);

    /// <summary>The loop has stopped. On any thread.</summary>
    void Refuse();
}
