using System.Collections.Concurrent;
using System.IO.Pipelines;
using Spillway.Delivery;
using Spillway.Hub;

namespace Spillway.Transports.Hosted;

/// <summary>Connections that stay in Kestrel: HTTP/2, TLS ended here, other operating systems.</summary>
internal sealed class HostedTransport : IConnectionHost
{
    private readonly ConcurrentDictionary<DeliveryLoop, HostedSink> _sinks = new();

    public ILoopWaiter CreateWaiter(int index) => new SemaphoreWaiter();

    public IConnectionSink CreateSink(DeliveryLoop loop) => _sinks.GetOrAdd(loop, static _ => new HostedSink());

    public IRunningConnection Run(DeliveryLoop loop, Adoption adoption, PipeWriter output, CancellationToken aborted)
    {
        var connection = new HostedConnection(loop, _sinks[loop], output, aborted);
        adoption.Owner = connection;
        loop.Post(new LoopCommand(LoopCommandKind.Adopt, Argument: adoption));
        return connection;
    }
}
