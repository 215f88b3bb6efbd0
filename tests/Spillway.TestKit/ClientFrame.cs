using System.Buffers.Binary;

namespace Spillway.TestKit;

/// <summary>Frames as a client writes them, and as it must not: nothing here keeps a rule but by default.</summary>
internal static class ClientFrame
{
    public const int Text = 1;
    public const int Binary = 2;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;

    /// <param name="opcode">What it is; 0 continues a message.</param>
    /// <param name="payload">As it is to arrive.</param>
    /// <param name="final">Whether the message ends with it.</param>
    /// <param name="reserved">Bits 0x40, 0x20 and 0x10.</param>
    /// <param name="mask">Null: it is not masked.</param>
    /// <param name="form">How the length is written: 7, 16 or 64 bits; 0: the shortest that it fits into.</param>
    /// <param name="told">The length that is told, where that is another.</param>
    public static byte[] Of(
        int opcode, ReadOnlySpan<byte> payload = default, bool final = true, int reserved = 0, uint? mask = 0x01F2A344, int form = 0, ulong? told = null)
    {
        var length = told ?? (ulong)payload.Length;
        form = form != 0 ? form : length <= 125 ? 7 : length <= ushort.MaxValue ? 16 : 64;
        var frame = new List<byte>(payload.Length + 14) { (byte)((final ? 0x80 : 0) | reserved | opcode) };
        Span<byte> number = stackalloc byte[8];
        frame.Add((byte)((mask is null ? 0 : 0x80) | (form == 7 ? (int)length : form == 16 ? 126 : 127)));
        if (form == 16)
        {
            BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)length);
            frame.AddRange(number[..2]);
        }
        else if (form == 64)
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, length);
            frame.AddRange(number);
        }

        BinaryPrimitives.WriteUInt32BigEndian(number, mask ?? 0);
        if (mask is not null)
        {
            frame.AddRange(number[..4]);
        }

        for (var i = 0; i < payload.Length; i++)
        {
            frame.Add((byte)(payload[i] ^ number[i & 3]));
        }

        return [.. frame];
    }

    /// <summary>The frames of a text in so many fragments.</summary>
    public static IEnumerable<byte[]> Divided(byte[] text, int fragments) =>
        text.Chunk((text.Length + fragments - 1) / fragments).Select((part, i) => Of(i == 0 ? Text : 0, part, final: i == fragments - 1));

    /// <summary>A close frame with a code, and bytes behind it.</summary>
    public static byte[] CloseWith(int code, ReadOnlySpan<byte> reason = default) => Of(Close, [(byte)(code >> 8), (byte)code, .. reason]);
}
