using System.Buffers;
using System.Text;
using Spillway.Client.Sse;
using OracleReader = Spillway.TestKit.SseReader;

namespace Spillway.Tests.Client;

public sealed class SseParserTests
{
    private const int Seeds = 300;

    /// <summary>What random streams are made of: all that the standard gives a meaning, and its neighbours.</summary>
    private static readonly byte[][] Tokens =
    [
        "\r"u8.ToArray(), "\n"u8.ToArray(), "\r\n"u8.ToArray(), "\n\n"u8.ToArray(), "data"u8.ToArray(), "event"u8.ToArray(), "id"u8.ToArray(), "retry"u8.ToArray(), "dat"u8.ToArray(),
        ":"u8.ToArray(), ": "u8.ToArray(), " "u8.ToArray(), "0"u8.ToArray(), "12"u8.ToArray(), "\0"u8.ToArray(), "x"u8.ToArray(), "é€😀"u8.ToArray(), "\u2028"u8.ToArray(),
        "\u0085"u8.ToArray(), "\uFEFF"u8.ToArray(), [0xFF], [0xE2, 0x82], "data: a\n"u8.ToArray(), "id: 7\n"u8.ToArray(), "event: e\n"u8.ToArray(), "retry: 5\n"u8.ToArray(),
    ];

    public static TheoryData<string> Streams =>
    [
        "data: a\n\n",
        "\uFEFFdata: with a mark\n\n\uFEFFdata: the second mark is a field\n\n",
        "data: a\r\ndata: b\r\n\r\nid: 1\rdata: c\r\r",
        "data\n\ndata\ndata\n\ndata:\n\n",
        "data:no space\ndata:  two spaces\ndata:\ttab\n\n",
        ": comment\n:\ndata: after\n\n:\n",
        "id: 1\n\ndata: id stays\n\nid\ndata: id is empty\n\n",
        "id: a\0b\ndata: an id with NUL is ignored\n\n",
        "retry: 3000\n\nretry: 3x\nretry:\nretry: -1\n\nretry: 07\n\n",
        "event: a\nevent: b\ndata: the last name counts\n\nevent: none\n\ndata: the name is gone\n\n",
        "data: é€😀 \u2028 \u2029 \u0085 are no line ends\n\n",
        "Data: x\n data: y\ndata : z\nunknown: f\ndata: known\n\n",
        "data: a:b: c\n\n",
        "id: 9\ndata: cut off by the end\n",
    ];

    [Theory]
    [MemberData(nameof(Streams))]
    public void TryRead_CutAtEveryOffset_DispatchesWhatTheStandardSays(string stream)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        var expected = ReadByOracle(bytes);

        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(expected, Read([bytes[..cut], bytes[cut..]]));
        }

        Assert.Equal(expected, Read([.. bytes.Select(static b => new[] { b })]));
    }

    [Fact]
    public void TryRead_RandomStreamsInRandomPieces_DispatchesWhatTheStandardSays()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = [.. Enumerable.Range(0, random.Next(60)).SelectMany(_ => Tokens[random.Next(Tokens.Length)])];
            var pieces = new List<byte[]>();
            for (var at = 0; at < bytes.Length;)
            {
                var length = Math.Min(random.Next(1, 9), bytes.Length - at);
                pieces.Add(bytes[at..(at + length)]);
                at += length;
            }

            var expected = ReadByOracle(bytes);
            var actual = Read(pieces);

            Assert.True(expected.SequenceEqual(actual), $"Seed {seed}: {string.Join(" | ", expected)} but got {string.Join(" | ", actual)}");
        }
    }

    [Theory]
    [InlineData("data: 1234567890\n\n")] // one line longer than the limit
    [InlineData("data: 12345\ndata: 67890\n\n")] // the block longer than the limit
    [InlineData("data: 1234567890\r\rdata")] // its end, and the beginning of the next
    [InlineData("unknown: 1234567890\n\n")] // whatever it was, something is missing
    public void TryRead_LongerThanTheLimit_TellsItAndGoesOn(string oversized)
    {
        var bytes = Encoding.UTF8.GetBytes("id: 1\n" + oversized + "\n\nid: 2\ndata: ok\n\n");
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var parser = new SseParser(maxBytes: 10);
            var blocks = Feed(parser, [bytes[..cut], bytes[cut..]]).Where(static block => block.HasId).ToList();

            Assert.Equal([("1", true), ("2", false)], blocks.Select(static block => (block.Id, block.Oversized)));
        }
    }

    [Fact]
    public void TryRead_CommentLongerThanTheLimit_LosesNothing()
    {
        var bytes = Encoding.UTF8.GetBytes("id: 1\n: a comment of any length\ndata: ok\n\n");

        var block = Assert.Single(Feed(new SseParser(maxBytes: 10), [.. bytes.Select(static b => new[] { b })]));

        Assert.Equal((false, true, "1"), (block.Oversized, block.HasData, block.Id));
    }

    [Fact]
    public void TryRead_LineWithoutEnd_HoldsNoMoreThanTheLimit()
    {
        var parser = new SseParser(maxBytes: 100);
        var rest = ReadOnlySequence<byte>.Empty;
        for (var i = 0; i < 1_000; i++)
        {
            rest = Join(rest, [.. Enumerable.Repeat((byte)'x', 64)]);

            Assert.False(parser.TryRead(ref rest, out _));
            Assert.InRange(rest.Length, 0, 100);
        }
    }

    private static List<string> ReadByOracle(byte[] bytes)
    {
        var oracle = new OracleReader();
        return [.. oracle.Feed(bytes).Select(static e => $"{e.Type};{e.Data};{e.LastEventId}"), $"{oracle.LastEventId};{oracle.Retry}"];
    }

    private static List<string> Read(IEnumerable<byte[]> pieces)
    {
        var parser = new SseParser(maxBytes: 1_024);
        var blocks = Feed(parser, pieces);
        var lastId = blocks.Count == 0 ? "" : blocks[^1].Id;
        return [.. blocks.Where(static block => block.HasData).Select(static block => $"{block.Type};{block.Text};{block.Id}"), $"{lastId};{parser.Retry}"];
    }

    /// <summary>Gives the parser piece after piece, each behind what it left of the one before, as a pipe does; in segments, so that lines span them.</summary>
    private static List<(string Type, string Text, string Id, bool HasId, bool HasData, bool Oversized)> Feed(SseParser parser, IEnumerable<byte[]> pieces)
    {
        var blocks = new List<(string, string, string, bool, bool, bool)>();
        var rest = ReadOnlySequence<byte>.Empty;
        foreach (var piece in pieces)
        {
            rest = Join(rest, piece);
            while (parser.TryRead(ref rest, out var block))
            {
                blocks.Add((block.Type, Encoding.UTF8.GetString(block.Data.Span), block.Id, block.HasId, block.HasData, block.Oversized));
            }
        }

        return blocks;
    }

    private static ReadOnlySequence<byte> Join(ReadOnlySequence<byte> rest, byte[] piece)
    {
        var first = new Segment(rest.ToArray(), 0);
        var last = first.Append(piece);
        return new ReadOnlySequence<byte>(first, 0, last, piece.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, long index)
        {
            Memory = bytes;
            RunningIndex = index;
        }

        public Segment Append(byte[] bytes)
        {
            var next = new Segment(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
