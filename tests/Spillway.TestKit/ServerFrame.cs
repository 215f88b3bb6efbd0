using System.Buffers.Binary;
using System.Text;

namespace Spillway.TestKit;

/// <summary>A frame as a server may send it, judged by RFC 6455: whole messages, not masked, lengths in their shortest form, text in UTF-8.</summary>
internal readonly record struct ServerFrame(int Opcode, byte[] Payload)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>All of what was written to a connection, in words: <c>ping</c>, <c>pong 3</c>, <c>close 1000 reason</c>, <c>binary 20</c>, or the text.</summary>
    public static string[] Describe(ReadOnlySpan<byte> bytes)
    {
        var found = new List<string>();
        while (!bytes.IsEmpty)
        {
            if (!TryRead(ref bytes, out var frame))
            {
                throw new InvalidDataException($"The last frame is not whole: {Convert.ToHexString(bytes)}.");
            }

            found.Add(frame.ToString());
        }

        return [.. found];
    }

    /// <summary>Takes a frame from the front; false: it is not whole.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> bytes, out ServerFrame frame)
    {
        frame = default;
        if (bytes.Length < 2)
        {
            return false;
        }

        var (opcode, given, head) = (bytes[0] & 0x0F, bytes[1] & 0x7F, (bytes[1] & 0x7F) switch { 126 => 4, 127 => 10, _ => 2 });
        Demand((bytes[0] & 0xF0) == 0x80 && opcode is 1 or 2 or 8 or 9 or 10, "is fragmented, or has a reserved bit or opcode");
        Demand(bytes[1] < 0x80, "is masked");
        Demand(opcode < 8 || given <= 125, "is a control frame of more than 125 bytes");
        if (bytes.Length < head)
        {
            return false;
        }

        var length = given switch { 126 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), 127 => BinaryPrimitives.ReadInt64BigEndian(bytes[2..]), _ => given };
        Demand(given < 126 || length > (given == 126 ? 125 : ushort.MaxValue), "has a length that is not in its shortest form");
        if (bytes.Length - head < length)
        {
            return false;
        }

        frame = new ServerFrame(opcode, bytes.Slice(head, (int)length).ToArray());
        bytes = bytes[(head + (int)length)..];
        _ = frame.ToString(); // Throws where it is not UTF-8.
        return true;
    }

    /// <summary>Of a close frame: its code; 1005 where it has none, as the RFC says.</summary>
    public int Code => Payload.Length == 0 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(Payload);

    public override string ToString() => Opcode switch
    {
        1 => Strict.GetString(Payload),
        2 => $"binary {Payload.Length}",
        8 => $"close {Code} {Strict.GetString(Payload.AsSpan(Math.Min(2, Payload.Length)))}".TrimEnd(),
        9 => "ping",
        _ => $"pong {Payload.Length}",
    };

    private static void Demand(bool isSo, string fault)
    {
        if (!isSo)
        {
            throw new InvalidDataException($"A frame of the server {fault}.");
        }
    }
}
