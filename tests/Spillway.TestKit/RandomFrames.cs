using System.Text;

namespace Spillway.TestKit;

/// <summary>What a client might send, good and bad, from a seed: mostly whole frames in an order that could be right, sometimes with a bit turned, cut off or with something in between.</summary>
internal static class RandomFrames
{
    private static readonly string[] Texts =
    [
        "{\"command\":\"ping\",\"ref\":1}", "{\"command\":\"subscribe\",\"topics\":[\"b\"]}", "{\"command\":\"unsubscribe\",\"topics\":[\"b\"]}", "{\"command\":\"receipt\",\"id\":\"1a-1\"}",
        "{\"command\":\"receipt\"}", "{", "", "äöü€😀", "[1,2,3]", "{\"command\":\"fly\",\"ref\":\"x\"}", "\"\\ud800\"",
    ];

    /// <summary>A stretch of bytes.</summary>
    /// <param name="random">Decides everything.</param>
    /// <param name="maxMessage">Lengths near this are frequent.</param>
    public static byte[] Next(Random random, int maxMessage)
    {
        var bytes = new List<byte>();
        for (var frames = random.Next(1, 12); frames > 0; frames--)
        {
            AddMessage(random, bytes, maxMessage);
        }

        switch (random.Next(6))
        {
            case 0: // Bits turn.
                for (var i = random.Next(1, 4); i > 0; i--)
                {
                    bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8));
                }

                break;
            case 1: // Something is missing.
                var from = random.Next(bytes.Count);
                bytes.RemoveRange(from, random.Next(bytes.Count - from + 1));
                break;
            case 2: // Something is too much.
                var more = new byte[random.Next(1, 20)];
                random.NextBytes(more);
                bytes.InsertRange(random.Next(bytes.Count + 1), more);
                break;
        }

        return [.. bytes];
    }

    /// <summary>The same bytes in pieces, of which some are empty.</summary>
    public static IEnumerable<byte[]> Cut(Random random, byte[] bytes)
    {
        var most = MostOfAPiece(random);
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(bytes.Length - at, random.Next(most + 1));
            yield return bytes[at..(at + length)];
            at += length;
        }
    }

    /// <summary>The length that no piece exceeds: few bytes, or all.</summary>
    public static int MostOfAPiece(Random random) => random.Next(4) switch { 0 => 1, 1 => 3, 2 => 50, _ => 5_000 };

    private static void AddMessage(Random random, List<byte> bytes, int maxMessage)
    {
        if (random.Next(4) == 0)
        {
            AddControl(random, bytes);
            return;
        }

        ReadOnlySpan<byte> rest = Payload(random, maxMessage);
        var opcode = random.Next(60) == 0 ? random.Next(16) : ClientFrame.Text;
        for (var left = random.Next(3) == 0 ? random.Next(1, 9) : 1; left > 0; left--)
        {
            var length = left == 1 ? rest.Length : random.Next(rest.Length + 1);
            AddFrame(random, bytes, opcode, rest[..length], left == 1);
            rest = rest[length..];
            opcode = random.Next(80) == 0 ? ClientFrame.Text : 0;
            if (random.Next(4) == 0)
            {
                AddControl(random, bytes);
            }
        }
    }

    private static byte[] Payload(Random random, int maxMessage)
    {
        if (random.Next(8) != 0)
        {
            return Encoding.UTF8.GetBytes(Texts[random.Next(Texts.Length)]);
        }

        var payload = new byte[random.Next(3) switch { 0 => random.Next(300), 1 => random.Next(120, 130), _ => maxMessage + random.Next(-3, 4) }];
        if (random.Next(2) == 0)
        {
            random.NextBytes(payload); // Hardly ever UTF-8.
        }
        else
        {
            payload.AsSpan().Fill((byte)'x');
        }

        return payload;
    }

    private static void AddControl(Random random, List<byte> bytes)
    {
        var payload = new byte[random.Next(10) == 0 ? random.Next(120, 128) : random.Next(6)];
        random.NextBytes(payload);
        var opcode = random.Next(30) == 0 ? ClientFrame.Close : random.Next(2) == 0 ? ClientFrame.Ping : ClientFrame.Pong;
        if (opcode == ClientFrame.Close && payload.Length >= 2)
        {
            var code = random.Next(3) == 0 ? random.Next(1 << 16) : random.Next(2) == 0 ? random.Next(998, 1017) : random.Next(2_995, 5_005);
            (payload[0], payload[1]) = ((byte)(code >> 8), (byte)code);
            payload.AsSpan(2).Fill((byte)'r');
        }

        AddFrame(random, bytes, opcode, payload, final: random.Next(60) != 0);
    }

    private static void AddFrame(Random random, List<byte> bytes, int opcode, ReadOnlySpan<byte> payload, bool final)
    {
        var fault = random.Next(150);
        bytes.AddRange(ClientFrame.Of(
            opcode, payload, final, reserved: fault == 0 ? random.Next(8) << 4 : 0, mask: fault == 1 ? null : (uint)random.NextInt64(1L << 32),
            form: fault == 2 ? 16 : fault == 3 ? 64 : 0, told: fault == 4 ? (ulong)random.NextInt64() << random.Next(2) : null));
    }
}
