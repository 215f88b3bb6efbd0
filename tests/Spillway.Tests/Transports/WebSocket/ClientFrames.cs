using System.Buffers.Binary;

namespace Spillway.Tests.Transports.WebSocket;

/// <summary>Frames as a client writes them: masked.</summary>
internal static class ClientFrames
{
    public static byte[] Of(int opcode, ReadOnlySpan<byte> payload, bool final = true, int reserved = 0, uint mask = 0x01020304)
    {
        var frame = new List<byte> { (byte)((final ? 0x80 : 0) | reserved | opcode) };
        Span<byte> number = stackalloc byte[8];
        switch (payload.Length)
        {
            case <= 125:
                frame.Add((byte)(0x80 | payload.Length));
                break;
            case <= ushort.MaxValue:
                frame.Add(0x80 | 126);
                BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)payload.Length);
                frame.AddRange(number[..2]);
                break;
            default:
                frame.Add(0x80 | 127);
                BinaryPrimitives.WriteInt64BigEndian(number, payload.Length);
                frame.AddRange(number);
                break;
        }

        BinaryPrimitives.WriteUInt32BigEndian(number, mask);
        frame.AddRange(number[..4]);
        for (var i = 0; i < payload.Length; i++)
        {
            frame.Add((byte)(payload[i] ^ number[i & 3]));
        }

        return [.. frame];
    }
}
