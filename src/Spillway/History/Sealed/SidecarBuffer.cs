using System.Buffers;

namespace Spillway.History.Sealed;

/// <summary>Bytes of a sidecar while they are written: numbers as LEB128.</summary>
internal sealed class SidecarBuffer
{
    private readonly ArrayBufferWriter<byte> _bytes = new(64 * 1024);

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void WriteNumber(ulong value)
    {
        var bytes = _bytes.GetSpan(10);
        var at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            bytes[at++] = (byte)(value | 0x80);
        }

        bytes[at++] = (byte)value;
        _bytes.Advance(at);
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);
}
