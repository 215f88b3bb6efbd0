using System.Text;
using Spillway.TestKit;
using Spillway.Transports.WebSocket;

namespace Spillway.Tests.Transports.WebSocket;

public sealed class FrameReaderTests
{
    private const int Limit = 1_000;
    private const int Fragments = 128;

    [Fact]
    public void Read_RandomMessagesInRandomPieces_GivesWhatWasSent()
    {
        var random = new Random(7);
        for (var run = 0; run < 500; run++)
        {
            var (bytes, sent) = (new List<byte>(), new List<string>());
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                AddMessage(random, bytes, sent);
            }

            Assert.Equal(sent, ReadAll(new FrameReader(Limit, Fragments), [.. bytes], random));
        }
    }

    [Theory]
    [InlineData("C1 80 00 00 00 00", 1002)] // A reserved bit.
    [InlineData("81 00", 1002)] // Not masked.
    [InlineData("83 80", 1002)] // A reserved opcode.
    [InlineData("8B 80", 1002)]
    [InlineData("80 80", 1002)] // Continues nothing.
    [InlineData("01 80 00 00 00 00 81 80", 1002)] // A message within another.
    [InlineData("09 80", 1002)] // A fragmented ping.
    [InlineData("89 FE 00 7E", 1002)] // A long ping.
    [InlineData("81 FE 00 7D 00 00 00 00", 1002)] // A length that would fit into seven bits.
    [InlineData("81 FF 00 00 00 00 00 00 FF FF 00 00 00 00", 1002)] // One that would fit into two bytes.
    [InlineData("81 FF 80 00 00 00 00 00 00 00 00 00 00 00", 1002)] // One with its top bit set.
    [InlineData("81 FE 03 E9 00 00 00 00", 1009)] // 1,001 bytes.
    [InlineData("81 FF 00 00 00 01 00 00 00 00 00 00 00 00", 1009)]
    [InlineData("82 80 00 00 00 00", 1003)] // Binary.
    [InlineData("81 81 00 00 00 00 C3", 1007)] // Half of a character.
    [InlineData("81 83 00 00 00 00 ED A0 80", 1007)] // Half of a surrogate pair.
    [InlineData("88 81 00 00 00 00 03", 1002)] // Half of a code.
    [InlineData("88 82 00 00 00 00 03 ED", 1002)] // 1005 is never sent.
    [InlineData("88 82 00 00 00 00 03 E7", 1002)] // 999.
    [InlineData("88 82 00 00 00 00 0B B7", 1002)] // 2999.
    [InlineData("88 82 00 00 00 00 13 88", 1002)] // 5000.
    [InlineData("88 83 00 00 00 00 03 E8 FF", 1007)] // The reason is not UTF-8.
    public void Read_WhatIsForbidden_IsAFaultHoweverItIsCut(string hex, int code)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var reader = new FrameReader(Limit, Fragments);
            ReadOnlySpan<byte> first = bytes.AsSpan(0, cut);
            var found = reader.Read(ref first);
            if (found == FrameEvent.None)
            {
                ReadOnlySpan<byte> second = bytes.AsSpan(cut);
                found = reader.Read(ref second);
            }

            Assert.Equal((FrameEvent.Fault, code), (found, (int)reader.Code));
            Assert.InRange(Encoding.UTF8.GetByteCount(reader.Reason), 1, Frames.MaxControl - 2);
            ReadOnlySpan<byte> more = ClientFrame.Of(1, "x"u8);
            Assert.Equal(FrameEvent.Fault, reader.Read(ref more));
        }
    }

    [Fact]
    public void Read_FragmentsTogetherTooLong_IsAFault()
    {
        var reader = new FrameReader(Limit, Fragments);
        ReadOnlySpan<byte> bytes = (byte[])[.. ClientFrame.Of(1, new byte[600], final: false), .. ClientFrame.Of(0, new byte[401])];
        Assert.Equal((FrameEvent.Fault, CloseCode.TooBig), (reader.Read(ref bytes), reader.Code));
    }

    [Fact]
    public void Read_EmptyFragmentsWithoutEnd_IsAFault()
    {
        var reader = new FrameReader(Limit, Fragments);
        byte[] all = [.. ClientFrame.Of(1, [], final: false), .. Enumerable.Repeat(ClientFrame.Of(0, [], final: false), Fragments).SelectMany(static one => one)];
        ReadOnlySpan<byte> bytes = all;
        Assert.Equal((FrameEvent.Fault, CloseCode.TooBig), (reader.Read(ref bytes), reader.Code));
    }

    [Theory]
    [InlineData("88 80 00 00 00 00", 1000)]
    [InlineData("88 82 00 00 00 00 03 E9", 1001)]
    [InlineData("88 84 00 00 00 00 0F A0 6F 6B", 4000)]
    public void Read_Close_GivesItsCode(string hex, int code)
    {
        var reader = new FrameReader(Limit, Fragments);
        ReadOnlySpan<byte> bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal((FrameEvent.Close, code), (reader.Read(ref bytes), (int)reader.Code));
    }

    [Fact]
    public void Read_RandomBytes_NeverBreaks()
    {
        var random = new Random(11);
        for (var run = 0; run < 5_000; run++)
        {
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            if (random.Next(2) == 0)
            {
                (bytes[0], bytes[^1]) = ((byte)(0x80 | random.Next(11)), 0); // Deeper than the first byte.
            }

            var reader = new FrameReader(Limit, Fragments);
            ReadOnlySpan<byte> rest = bytes;
            for (var i = 0; i < bytes.Length && reader.Read(ref rest) is not (FrameEvent.None or FrameEvent.Fault); i++)
            {
                Assert.True(reader.HeldBytes <= Limit + Frames.MaxControl);
            }
        }
    }

    private static void AddMessage(Random random, List<byte> bytes, List<string> sent)
    {
        if (random.Next(4) == 0)
        {
            AddControl(random, bytes, sent);
        }

        var text = new string((char)random.Next('a', 0x500), random.Next(400)); // At most two bytes each.
        var rest = Encoding.UTF8.GetBytes(text).AsSpan();
        var (opcode, final) = (1, false);
        while (!final)
        {
            var length = random.Next(3) == 0 ? rest.Length : random.Next(rest.Length + 1); // Also within a character.
            final = length == rest.Length;
            bytes.AddRange(ClientFrame.Of(opcode, rest[..length], final, mask: (uint)random.Next()));
            rest = rest[length..];
            opcode = 0;
            if (!final && random.Next(3) == 0)
            {
                AddControl(random, bytes, sent);
            }
        }

        sent.Add(text);
    }

    private static void AddControl(Random random, List<byte> bytes, List<string> sent)
    {
        var opcode = random.Next(9, 11);
        var payload = Encoding.ASCII.GetBytes(new string('p', random.Next(126)));
        bytes.AddRange(ClientFrame.Of(opcode, payload, mask: (uint)random.Next()));
        sent.Add($"{(FrameEvent)(opcode == 9 ? FrameEvent.Ping : FrameEvent.Pong)} {payload.Length}");
    }

    private static List<string> ReadAll(FrameReader reader, byte[] bytes, Random random)
    {
        var found = new List<string>();
        for (var at = 0; at < bytes.Length;)
        {
            var end = Math.Min(bytes.Length, at + random.Next(1, 200));
            ReadOnlySpan<byte> piece = bytes.AsSpan(at, end - at);
            while (reader.Read(ref piece) is not FrameEvent.None and var what)
            {
                Assert.NotEqual(FrameEvent.Fault, what);
                found.Add(what == FrameEvent.Message ? Encoding.UTF8.GetString(reader.Message) : $"{what} {reader.Control.Length}");
            }

            at = end;
        }

        return found;
    }
}
