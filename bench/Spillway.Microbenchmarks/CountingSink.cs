using Spillway.Delivery;

namespace Spillway.Microbenchmarks;

/// <summary>Takes everything and counts it.</summary>
internal sealed class CountingSink : IConnectionSink
{
    public long Sends { get; private set; }

    public long Bytes { get; private set; }

    public int Send(int connection, ReadOnlySpan<byte> bytes, out bool ready)
    {
        Sends++;
        Bytes += bytes.Length;
        ready = true;
        return bytes.Length;
    }

    public void Close(int connection, CloseReason reason, long offset)
    {
    }
}
