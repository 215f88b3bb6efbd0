using System.IO.Pipelines;
using Spillway.Delivery;

namespace Spillway.Hub;

/// <summary>Gives loops their connections' ends: who writes for them, and how a response becomes one.</summary>
internal interface IConnectionHost
{
    IConnectionSink CreateSink(DeliveryLoop loop);

    /// <summary>
    /// Has a loop adopt a connection that writes to <paramref name="output"/>, and returns when it ended. <paramref name="adopt"/> makes the adoption;
    /// its argument is told the connection's number and generation, on the loop.
    /// </summary>
    Task<CloseReason> RunAsync(DeliveryLoop loop, Func<Action<int, int>, Adoption> adopt, PipeWriter output, CancellationToken aborted);
}
