using System.Buffers.Binary;
using System.Text;

namespace Spillway.Tests.Client;

/// <summary>Frames as a hub writes them, and as a client's are read: RFC 6455, and docs/protocol.md for what is in them.</summary>
internal static class FakeFrames
{
    public const byte Continuation = 0;
    public const byte Text = 1;
    public const byte Binary = 2;
    public const byte CloseFrame = 8;
    public const byte Ping = 9;
    public const byte Pong = 10;

    public static byte[] Write(byte opcode, ReadOnlySpan<byte> payload, bool final = true)
    {
        var frame = new List<byte> { (byte)((final ? 0x80 : 0) | opcode) };
        if (payload.Length <= 125)
        {
            frame.Add((byte)payload.Length);
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            frame.AddRange([126, (byte)(payload.Length >> 8), (byte)payload.Length]);
        }
        else
        {
            var length = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(length, payload.Length);
            frame.AddRange([127, .. length]);
        }

        frame.AddRange(payload);
        return [.. frame];
    }

    public static byte[] WriteText(string text) => Write(Text, Encoding.UTF8.GetBytes(text));

    public static byte[] WriteClose(int code, string reason) => Write(CloseFrame, [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)]);

    /// <summary>An event as <c>spillway.v1.binary</c> has it, with a head of some bytes more than this version's.</summary>
    public static byte[] WriteEvent(
        string id, byte[] payload, string topic = "a", string type = "", string key = "", string contentType = "", string traceParent = "", int more = 0)
    {
        byte[][] fields = [.. new[] { id, type, key, contentType, traceParent, topic }.Select(Encoding.UTF8.GetBytes)];
        var message = new byte[20 + fields.Sum(static field => field.Length) + more + payload.Length];
        message[0] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(2), (ushort)(message.Length - payload.Length));
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(4), new DateTimeOffset(2026, 1, 31, 8, 0, 0, 123, TimeSpan.Zero).ToUnixTimeMilliseconds());
        message[12] = (byte)fields[0].Length;
        message[13] = (byte)fields[1].Length;
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(14), (ushort)fields[2].Length);
        message[16] = (byte)fields[3].Length;
        message[17] = (byte)fields[4].Length;
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(18), (ushort)fields[5].Length);
        var at = 20;
        foreach (var field in fields)
        {
            field.CopyTo(message, at);
            at += field.Length;
        }

        payload.CopyTo(message, at + more);
        return message;
    }

    /// <summary>A client's next frame, which must be masked.</summary>
    public static async Task<(byte Opcode, byte[] Payload)> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, cancellationToken);
        Assert.Equal(0x80, head[1] & 0x80);
        Assert.InRange(head[1] & 0x7F, 0, 125); // Clients say little.
        var mask = new byte[4];
        await stream.ReadExactlyAsync(mask, cancellationToken);
        var payload = new byte[head[1] & 0x7F];
        await stream.ReadExactlyAsync(payload, cancellationToken);
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= mask[i % 4];
        }

        return ((byte)(head[0] & 0x0F), payload);
    }
}
