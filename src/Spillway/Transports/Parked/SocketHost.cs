using System.Buffers;
using System.IO.Pipelines;

namespace Spillway.Transports.Parked;

/// <summary>What all connections of a transport share.</summary>
internal sealed class SocketHost
{
    public required SocketCalls Calls { get; init; }

    public required IoThread Io { get; init; }

    public required MemoryPool<byte> Pool { get; init; }

    /// <summary>Of what was received. Kestrel goes on reading on the thread pool, receiving on the I/O thread.</summary>
    public required PipeOptions Input { get; init; }

    /// <summary>Of what is to be sent. Nobody waits for it: whoever writes sends.</summary>
    public required PipeOptions Output { get; init; }

    public required AcceptGate Gate { get; init; }

    public required SocketMetrics Metrics { get; init; }

    public required TimeProvider Clock { get; init; }

    public required TimeSpan HandOffTimeout { get; init; }

    /// <summary>The connections of one listener that may wait for Kestrel, which takes them at once; what is beyond waits in the kernel's backlog.</summary>
    public required int MostQueued { get; init; }
}
