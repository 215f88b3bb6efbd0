using System.Collections.Concurrent;
using System.IO.Pipelines;
using Spillway.Delivery;
using Spillway.Hub;

namespace Spillway.Transports.Hosted;

/// <summary>Connections that stay in Kestrel: HTTP/2, TLS ended here, other operating systems.</summary>
internal sealed class HostedTransport : IConnectionHost
{
    private readonly ConcurrentDictionary<DeliveryLoop, HostedSink> _sinks = new();

    public IConnectionSink CreateSink(DeliveryLoop loop) => _sinks.GetOrAdd(loop, static _ => new HostedSink());

    public Task<CloseReason> RunAsync(DeliveryLoop loop, Func<Action<int, int>, Adoption> adopt, PipeWriter output, CancellationToken aborted)
    {
        var connection = new HostedConnection(loop, output);
        var sink = _sinks[loop];
        var adoption = adopt((number, generation) =>
        {
            sink.Attach(number, connection);
            connection.Adopted(number, generation, aborted);
        });
        loop.Post(new LoopCommand(LoopCommandKind.Adopt, Argument: adoption with { OnRefused = () => connection.End(CloseReason.Shutdown) }));
        return connection.Ended;
    }
}
