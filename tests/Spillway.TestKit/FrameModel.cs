using System.Text;
using Spillway.Transports.WebSocket;

namespace Spillway.TestKit;

/// <summary>
/// RFC 6455 for what a server receives, written as simply as can be: it looks at all bytes that came, from the first, and says what they mean. Nothing in it remembers.
/// </summary>
internal static class FrameModel
{
    /// <summary>What the bytes mean, in words: <c>message text</c>, <c>ping hex</c>, <c>pong hex</c>, then maybe <c>close code</c> or <c>fault code</c>, behind which nothing counts.</summary>
    public static List<string> Read(byte[] bytes, int maxMessage, int maxFragments)
    {
        var (found, message, fragments, at) = (new List<string>(), new List<byte>(), 0, 0);
        while (at + 2 <= bytes.Length)
        {
            var (first, second) = (bytes[at], bytes[at + 1]);
            var (isFinal, opcode, given) = (first >= 0x80, first % 16, second % 128);
            var isControl = opcode >= 8;
            if (first / 16 % 8 != 0 || second < 0x80 || opcode is not (0 or 1 or 2 or 8 or 9 or 10)
                || (isControl && (!isFinal || given > 125)) || (opcode == 0 && fragments == 0) || (opcode is 1 or 2 && fragments > 0))
            {
                return [.. found, "fault 1002"];
            }

            var extended = given == 126 ? 2 : given == 127 ? 8 : 0;
            var payloadAt = at + 2 + extended + 4;
            if (payloadAt > bytes.Length)
            {
                return found;
            }

            var length = extended == 0 ? (ulong)given : Number(bytes[(at + 2)..(at + 2 + extended)]);
            if ((extended == 2 && length < 126) || (extended == 8 && (length < 65_536 || length > long.MaxValue)))
            {
                return [.. found, "fault 1002"];
            }

            if (opcode == 2 || (!isControl && (fragments + 1 > maxFragments || (ulong)message.Count + length > (ulong)maxMessage)))
            {
                return [.. found, opcode == 2 ? "fault 1003" : "fault 1009"];
            }

            if ((ulong)payloadAt + length > (ulong)bytes.Length)
            {
                return found;
            }

            var mask = bytes[(payloadAt - 4)..payloadAt];
            at = payloadAt + (int)length;
            byte[] payload = [.. bytes[payloadAt..at].Select((one, i) => (byte)(one ^ mask[i % 4]))];
            if (isControl)
            {
                if (opcode == 8)
                {
                    return [.. found, Close(payload)];
                }

                found.Add($"{(opcode == 9 ? "ping" : "pong")} {Convert.ToHexString(payload)}");
                continue;
            }

            message.AddRange(payload);
            fragments++;
            if (isFinal)
            {
                found.Add(TextOf([.. message]) is { } text ? $"message {text}" : "fault 1007");
                if (found[^1][0] == 'f')
                {
                    return found;
                }

                (message, fragments) = ([], 0);
            }
        }

        return found;
    }

    /// <summary>The same from the reader, given the bytes in pieces.</summary>
    /// <param name="reader">A new one.</param>
    /// <param name="bytes">All of them.</param>
    /// <param name="cuts">Decides the pieces; null: there is one.</param>
    public static List<string> ReadPieces(FrameReader reader, ReadOnlySpan<byte> bytes, Random? cuts = null)
    {
        var found = new List<string>();
        var most = cuts is null ? bytes.Length : RandomFrames.MostOfAPiece(cuts);
        while (!bytes.IsEmpty)
        {
            var rest = bytes[..(cuts is null ? most : Math.Min(bytes.Length, cuts.Next(most + 1)))];
            bytes = bytes[rest.Length..];
            while (reader.Read(ref rest) is not FrameEvent.None and var what)
            {
                found.Add(what switch
                {
                    FrameEvent.Message => $"message {Encoding.UTF8.GetString(reader.Message)}",
                    FrameEvent.Ping => $"ping {Convert.ToHexString(reader.Control)}",
                    FrameEvent.Pong => $"pong {Convert.ToHexString(reader.Control)}",
                    FrameEvent.Close => $"close {(int)reader.Code}",
                    _ => $"fault {(int)reader.Code}",
                });
                if (what is FrameEvent.Close or FrameEvent.Fault)
                {
                    return found; // Nothing is read behind it.
                }
            }
        }

        return found;
    }

    private static ulong Number(byte[] bytes) => bytes.Aggregate(0UL, static (number, next) => (number * 256) + next);

    private static string Close(byte[] payload)
    {
        if (payload.Length == 0)
        {
            return "close 1000"; // What the hub answers to it.
        }

        var code = payload.Length == 1 ? 0 : (payload[0] * 256) + payload[1];
        var isAllowed = code is 1000 or 1001 or 1002 or 1003 or (>= 1007 and <= 1014) or (>= 3000 and <= 4999); // RFC 6455, section 7.4, and IANA's registry.
        return !isAllowed ? "fault 1002" : TextOf(payload[2..]) is null ? "fault 1007" : $"close {code}";
    }

    private static string? TextOf(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
