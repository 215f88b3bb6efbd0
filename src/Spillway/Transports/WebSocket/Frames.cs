using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Spillway.Transports.WebSocket;

/// <summary>Writes frames as a server does: whole messages, not masked (RFC 6455, sections 5.1 and 5.2).</summary>
internal static class Frames
{
    /// <summary>The most bytes of a control frame's payload.</summary>
    public const int MaxControl = 125;

    private const byte Final = 0x80;

    public static void Write(Opcode opcode, ReadOnlySpan<byte> payload, IBufferWriter<byte> output)
    {
        WriteHead(opcode, payload.Length, output);
        output.Write(payload);
    }

    /// <summary>The head of a frame of so many bytes.</summary>
    public static void WriteHead(Opcode opcode, int length, IBufferWriter<byte> output)
    {
        var head = output.GetSpan(10);
        head[0] = (byte)(Final | (byte)opcode);
        switch (length)
        {
            case <= MaxControl:
                head[1] = (byte)length;
                output.Advance(2);
                break;
            case <= ushort.MaxValue:
                head[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)length);
                output.Advance(4);
                break;
            default:
                head[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(head[2..], (ulong)length);
                output.Advance(10);
                break;
        }
    }

    public static void WriteClose(CloseCode code, string reason, IBufferWriter<byte> output)
    {
        Span<byte> payload = stackalloc byte[MaxControl];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        _ = Encoding.UTF8.TryGetBytes(reason, payload[2..], out var written);
        Write(Opcode.Close, payload[..(2 + written)], output);
    }
}
