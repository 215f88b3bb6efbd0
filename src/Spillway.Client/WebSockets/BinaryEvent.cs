using System.Buffers.Binary;
using System.Text;

namespace Spillway.Client.WebSockets;

/// <summary>Reads events of <c>spillway.v1.binary</c> (docs/protocol.md, section 4).</summary>
internal static class BinaryEvent
{
    /// <summary>How much of a message holds its id, whatever follows.</summary>
    public const int HeadWithId = FixedHead + byte.MaxValue;

    private const int FixedHead = 20;
    private const byte EventKind = 1;

    /// <summary>Whether a message is an event; other ones are for later versions.</summary>
    public static bool IsEvent(ReadOnlySpan<byte> message) => !message.IsEmpty && message[0] == EventKind;

    /// <summary>The event's id; null if it has none.</summary>
    public static string? ReadId(ReadOnlySpan<byte> message)
    {
        Require(message.Length >= FixedHead && message.Length >= FixedHead + message[12]);
        return message[12] == 0 ? null : Encoding.UTF8.GetString(message.Slice(FixedHead, message[12]));
    }

    public static ReceivedEvent Decode(string cursor, ReadOnlySpan<byte> message)
    {
        Require(message.Length >= FixedHead);
        var (idLength, typeLength, keyLength) = (message[12], message[13], BinaryPrimitives.ReadUInt16LittleEndian(message[14..]));
        var (contentTypeLength, traceParentLength, topicLength) = (message[16], message[17], BinaryPrimitives.ReadUInt16LittleEndian(message[18..]));
        var payloadAt = BinaryPrimitives.ReadUInt16LittleEndian(message[2..]);
        Require(message.Length >= payloadAt && payloadAt >= FixedHead + idLength + typeLength + keyLength + contentTypeLength + traceParentLength + topicLength);
        var rest = message[(FixedHead + idLength)..];
        return new ReceivedEvent(cursor)
        {
            Type = Take(ref rest, typeLength),
            Key = Take(ref rest, keyLength),
            ContentType = Take(ref rest, contentTypeLength),
            TraceParent = Take(ref rest, traceParentLength),
            Topic = Take(ref rest, topicLength) ?? throw Malformed(),
            Time = ReadTime(BinaryPrimitives.ReadInt64LittleEndian(message[4..])),
            Payload = message[payloadAt..].ToArray(), // The message's own bytes are the next one's too.
        };
    }

    private static string? Take(ref ReadOnlySpan<byte> rest, int length)
    {
        var text = length == 0 ? null : Encoding.UTF8.GetString(rest[..length]);
        rest = rest[length..];
        return text;
    }

    private static DateTimeOffset ReadTime(long milliseconds)
    {
        Require(milliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw Malformed();
        }
    }

    private static SpillwayException Malformed() => new("The hub sent a binary message that is not an event of docs/protocol.md, section 4; check that the address is a Spillway hub's.");
}
