using System.IO.Pipelines;
using Spillway.Delivery;

namespace Spillway.Hub;

/// <summary>Gives loops their connections' ends: who writes for them, and how a response becomes one.</summary>
internal interface IConnectionHost
{
    /// <summary>What the thread of the loop with this index sleeps on.</summary>
    ILoopWaiter CreateWaiter(int index);

    IConnectionSink CreateSink(DeliveryLoop loop);

    /// <summary>Has a loop adopt a connection that writes to <paramref name="output"/>. Becomes the adoption's owner.</summary>
    IRunningConnection Run(DeliveryLoop loop, Adoption adoption, PipeWriter output, CancellationToken aborted);
}
