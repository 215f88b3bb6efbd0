using System.Buffers;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.TestKit;

/// <summary>An encoder during whose work a test's step is taken: where the dispatcher encodes, it holds its lock.</summary>
internal sealed class HookEncoder(IWireEncoder inner) : IWireEncoder
{
    public Action? OnEvent { get; set; }

    public WireFormat Format => inner.Format;

    public void WriteEvent(in EventRecord record, ulong epoch, IBufferWriter<byte> output)
    {
        OnEvent?.Invoke();
        inner.WriteEvent(record, epoch, output);
    }

    public void WriteKeepAlive(IBufferWriter<byte> output) => inner.WriteKeepAlive(output);

    public void WriteRetry(int milliseconds, IBufferWriter<byte> output) => inner.WriteRetry(milliseconds, output);

    public void WriteCursor(Position position, IBufferWriter<byte> output) => inner.WriteCursor(position, output);

    public void WriteGap(Position before, in Gap gap, IBufferWriter<byte> output) => inner.WriteGap(before, gap, output);

    public void WriteSlow(Position before, long? backlog, IBufferWriter<byte> output) => inner.WriteSlow(before, backlog, output);

    public void WriteAuthExpiring(Position before, DateTimeOffset expires, TimeSpan left, IBufferWriter<byte> output) => inner.WriteAuthExpiring(before, expires, left, output);

    public void WriteDrain(string reason, int retryMilliseconds, IBufferWriter<byte> output) => inner.WriteDrain(reason, retryMilliseconds, output);

    public void WriteClose(CloseReason reason, int retryMilliseconds, IBufferWriter<byte> output) => inner.WriteClose(reason, retryMilliseconds, output);

    public void WriteEnd(IBufferWriter<byte> output) => inner.WriteEnd(output);
}
