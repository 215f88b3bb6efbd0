using static Spillway.TestKit.ClientFrame;

namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

/// <summary>What a client must not send, the code that it gets, and the name under which it is counted.</summary>
internal static class FaultCases
{
    public const int MessageBytes = 2_000;
    public const int Fragments = 16;

    private static readonly byte[] Half = Of(Text, "{\"command\""u8, final: false);

    public static IEnumerable<(string What, byte[] Bytes, int Code, string Reason)> All() =>
        [.. Heads(), .. Lengths(), .. Orders(), .. Closes(), .. Texts(), .. TooMuch()];

    private static IEnumerable<(string What, byte[] Bytes, int Code, string Reason)> Heads()
    {
        foreach (var bit in (int[])[0x40, 0x20, 0x10, 0x70])
        {
            yield return ($"bit {bit:X} of a text", Of(Text, "{}"u8, reserved: bit), 1002, "reserved-bit");
            yield return ($"bit {bit:X} of a ping", Of(Ping, reserved: bit), 1002, "reserved-bit");
            yield return ($"bit {bit:X} of a continuation", [.. Half, .. Of(0, "}"u8, reserved: bit)], 1002, "reserved-bit");
        }

        foreach (var opcode in (int[])[3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
        {
            yield return ($"opcode {opcode}", Of(opcode), 1002, "reserved-opcode");
            yield return ($"opcode {opcode} within a message", [.. Half, .. Of(opcode, "x"u8)], 1002, "reserved-opcode");
        }

        foreach (var opcode in (int[])[Text, Ping, Pong, Close])
        {
            yield return ($"opcode {opcode} without a mask", Of(opcode, "{}"u8, mask: null), 1002, "not-masked");
        }

        yield return ("a continuation without a mask", [.. Half, .. Of(0, "}"u8, mask: null)], 1002, "not-masked");
        foreach (var opcode in (int[])[Ping, Pong, Close])
        {
            yield return ($"control {opcode} in fragments", Of(opcode, final: false), 1002, "fragmented-control");
            yield return ($"control {opcode} in fragments within a message", [.. Half, .. Of(opcode, "x"u8, final: false)], 1002, "fragmented-control");
            yield return ($"control {opcode} of 126 bytes", Of(opcode, new byte[126]), 1002, "long-control");
            yield return ($"control {opcode} of 70,000 bytes", Of(opcode, new byte[70_000]), 1002, "long-control");
        }
    }

    private static IEnumerable<(string What, byte[] Bytes, int Code, string Reason)> Lengths()
    {
        foreach (var length in (ulong[])[0, 1, 125])
        {
            yield return ($"{length} in 16 bits", Of(Text, new byte[length], form: 16), 1002, "length-form");
        }

        foreach (var length in (ulong[])[0, 125, 126, 2_000, ushort.MaxValue])
        {
            yield return ($"{length} in 64 bits", Of(Text, new byte[length], form: 64), 1002, "length-form");
        }

        foreach (var told in (ulong[])[1UL << 63, ulong.MaxValue, (1UL << 63) | 5])
        {
            yield return ($"{told:X} bytes", Of(Text, "{}"u8, form: 64, told: told), 1002, "length-form");
        }

        foreach (var told in (ulong[])[1UL << 62, long.MaxValue, 1UL << 32, 65_536])
        {
            yield return ($"{told:X} bytes told", Of(Text, "{}"u8, form: 64, told: told), 1009, "too-long");
        }
    }

    private static IEnumerable<(string What, byte[] Bytes, int Code, string Reason)> Orders()
    {
        yield return ("a continuation of nothing", Of(0, "x"u8), 1002, "fragment-order");
        yield return ("a continuation of nothing, to go on", Of(0, "x"u8, final: false), 1002, "fragment-order");
        yield return ("a continuation after a whole message", [.. Of(Text, "{}"u8), .. Of(0)], 1002, "fragment-order");
        yield return ("a message within another", [.. Half, .. Of(Text, "{}"u8)], 1002, "fragment-order");
        yield return ("a message within another, behind a ping", [.. Half, .. Of(Ping), .. Of(Text, "{}"u8)], 1002, "fragment-order");
        yield return ("a binary message within a text", [.. Half, .. Of(Binary, "x"u8)], 1002, "fragment-order");
        yield return ("a binary message", Of(Binary, "x"u8), 1003, "binary");
        yield return ("an empty binary message", Of(Binary), 1003, "binary");
        yield return ("a binary message's first fragment", Of(Binary, "x"u8, final: false), 1003, "binary");
    }

    private static IEnumerable<(string What, byte[] Bytes, int Code, string Reason)> Closes()
    {
        foreach (var code in (int[])[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
        {
            yield return ($"close code {code}", CloseWith(code), 1002, "close-code");
            yield return ($"close code {code} with a reason", CloseWith(code, "x"u8), 1002, "close-code");
        }

        yield return ("half a close code", Of(Close, [3]), 1002, "close-code");
        yield return ("a close reason that is not UTF-8", CloseWith(1000, [0x61, 0xFF]), 1007, "invalid-text");
        yield return ("a close reason that is cut off", CloseWith(1000, [0xE2, 0x82]), 1007, "invalid-text");
    }

    private static IEnumerable<(string What, byte[] Bytes, int Code, string Reason)> Texts()
    {
        byte[][] wrong =
        [
            [0xFF], [0x80], [0xC0, 0xAF], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ];
        foreach (var bytes in wrong)
        {
            var text = Convert.ToHexString(bytes);
            yield return ($"text {text}", Of(Text, bytes), 1007, "invalid-text");
            yield return ($"text {text} at an end", Of(Text, [.. "{}"u8, .. bytes]), 1007, "invalid-text");
            for (var cut = 1; cut < bytes.Length; cut++)
            {
                yield return ($"text {text} in fragments at {cut}", [.. Of(Text, bytes.AsSpan(0, cut), final: false), .. Of(Ping, "p"u8), .. Of(0, bytes.AsSpan(cut))], 1007, "invalid-text");
            }
        }

        yield return ("half a character, then another", [.. Of(Text, [0xC3], final: false), .. Of(0, "a"u8)], 1007, "invalid-text");
    }

    private static IEnumerable<(string What, byte[] Bytes, int Code, string Reason)> TooMuch()
    {
        yield return ("a byte too many", Of(Text, new byte[MessageBytes + 1]), 1009, "too-long");
        yield return ("64 KiB too many", Of(Text, new byte[MessageBytes + 65_536]), 1009, "too-long");
        yield return ("fragments of a byte too many", [.. Of(Text, new byte[MessageBytes / 2], final: false), .. Of(0, new byte[(MessageBytes / 2) + 1])], 1009, "too-long");
        yield return ("a fragment too many", [.. Of(Text, final: false), .. Enumerable.Repeat(Of(0, final: false), Fragments).SelectMany(static frame => frame)], 1009, "too-many-fragments");
        yield return ("many pings", [.. Enumerable.Repeat(Of(Ping, "x"u8), 300).SelectMany(static frame => frame)], 4003, "too-many-messages");
        yield return ("many pongs", [.. Enumerable.Repeat(Of(Pong), 300).SelectMany(static frame => frame)], 4003, "too-many-messages");
        yield return ("many commands", [.. Enumerable.Repeat(Of(Text, "{\"command\":\"ping\"}"u8), 300).SelectMany(static frame => frame)], 4003, "too-many-messages");
        yield return ("many pings within a message", [.. Half, .. Enumerable.Repeat(Of(Ping), 300).SelectMany(static frame => frame)], 4003, "too-many-messages");
    }
}
