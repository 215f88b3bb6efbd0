namespace Spillway.Delivery;

/// <summary>A question to a loop; as a task, its answer, or the default where the loop has stopped. It is to be short: connections wait meanwhile.</summary>
internal sealed class LoopQuery<T>(Func<DeliveryLoop, T> ask) : TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously), ILoopQuery
{
    public void Answer(DeliveryLoop loop)
    {
        try
        {
            TrySetResult(ask(loop));
        }
#pragma warning disable CA1031 // A question that breaks is its asker's, and costs the loop's connections nothing.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            TrySetException(fault);
        }
    }

    public void Refuse() => TrySetResult(default);
}
