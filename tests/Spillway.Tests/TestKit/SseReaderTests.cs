using System.Text;
using Spillway.TestKit;

namespace Spillway.Tests.TestKit;

/// <summary>The parser is an oracle for other tests, so each rule of the standard is pinned here first.</summary>
public sealed class SseReaderTests
{
    [Theory]
    [InlineData("data: a\n\ndata: b\n\n")]
    [InlineData("data: a\r\rdata: b\r\r")]
    [InlineData("data: a\r\n\r\ndata: b\r\n\r\n")]
    [InlineData("data: a\n\rdata: b\r\n\n")]
    public void Feed_AnyLineEnds_SplitAtEveryOffset_GivesTheSameEvents(string stream)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);

        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var reader = new SseReader();
            IReadOnlyList<SseEvent> events = [.. reader.Feed(bytes.AsSpan(0, cut)), .. reader.Feed(bytes.AsSpan(cut))];

            Assert.Equal(["a", "b"], events.Select(static e => e.Data));
            Assert.Equal(2, reader.BlankLines);
        }
    }

    [Fact]
    public void Feed_ByteOrderMark_IsStrippedOnceAtTheStart()
    {
        var events = SseReader.Parse(Encoding.UTF8.GetBytes("\uFEFFdata: a\n\n\uFEFFdata: b\n\ndata:\uFEFFc\n\n"));

        Assert.Equal(["a", "\uFEFFc"], events.Select(static e => e.Data)); // The second mark makes the field's name unknown.
    }

    [Fact]
    public void Feed_TwoByteOrderMarksAtTheStart_OnlyTheFirstIsStripped()
    {
        Assert.Empty(SseReader.Parse(Encoding.UTF8.GetBytes("\uFEFF\uFEFFdata: a\n\n")));
    }

    [Theory]
    [InlineData("data\n\n", "")]
    [InlineData("data:\n\n", "")]
    [InlineData("data: \n\n", "")]
    [InlineData("data:  a\n\n", " a")]
    [InlineData("data:a\n\n", "a")]
    [InlineData("data:\ta\n\n", "\ta")]
    [InlineData("data\ndata\n\n", "\n")]
    [InlineData("data: a\ndata:\ndata: b\n\n", "a\n\nb")]
    [InlineData("data: a:b\n\n", "a:b")]
    [InlineData("data: a\n: comment\ndata: b\n\n", "a\nb")]
    [InlineData("data: a\nunknown: x\nDATA: y\n data: z\n\n", "a")]
    [InlineData("data: \u2028a\u2029b\u0085c\n\n", "\u2028a\u2029b\u0085c")]
    public void Feed_DataFields_AreJoined(string stream, string expected)
    {
        var only = Assert.Single(SseReader.Parse(Encoding.UTF8.GetBytes(stream)));

        Assert.Equal(new SseEvent("message", expected, ""), only);
    }

    [Fact]
    public void Feed_BlockWithoutData_MovesTheIdAndForgetsTheType()
    {
        var reader = new SseReader();

        var events = reader.Feed("event: x\nid: 1\n\ndata: a\n\n"u8);

        Assert.Equal([new SseEvent("message", "a", "1")], events);
        Assert.Equal("1", reader.LastEventId);
    }

    [Fact]
    public void Feed_IdInABlockThatNeverEnds_DoesNotMoveTheId()
    {
        var reader = new SseReader();

        var events = reader.Feed("id: 1\ndata: a\n\nid: 2\ndata: b\n"u8);

        Assert.Equal([new SseEvent("message", "a", "1")], events);
        Assert.Equal("1", reader.LastEventId);
    }

    [Theory]
    [InlineData("id: 1\ndata: a\n\ndata: b\n\n", "1")]
    [InlineData("id: 1\ndata: a\n\nid\ndata: b\n\n", "")]
    [InlineData("id: 1\ndata: a\n\nid:\ndata: b\n\n", "")]
    [InlineData("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", "1")]
    [InlineData("id: 1\ndata: a\n\nid: 2\nid: 3\ndata: b\n\n", "3")]
    public void Feed_Ids_PersistUntilSetAgain(string stream, string expected)
    {
        var events = SseReader.Parse(Encoding.UTF8.GetBytes(stream));

        Assert.Equal(expected, events[1].LastEventId);
    }

    [Fact]
    public void Feed_Types_ResetWithEachBlock()
    {
        var events = SseReader.Parse("event: a\nevent: b\ndata: 1\n\ndata: 2\n\nevent:\ndata: 3\n\n"u8);

        Assert.Equal(["b", "message", "message"], events.Select(static e => e.Type));
    }

    [Theory]
    [InlineData("retry: 10\n", 10L)]
    [InlineData("retry:0\n", 0L)]
    [InlineData("retry: 10\nretry: x\n", 10L)]
    [InlineData("retry: +10\n", null)]
    [InlineData("retry: 1.5\n", null)]
    [InlineData("retry: 1 \n", null)]
    [InlineData("retry\n", null)]
    [InlineData("retry: \u0661\n", null)]
    [InlineData("retry: 99999999999999999999\n", long.MaxValue)]
    public void Feed_Retry_TakesAsciiDigitsOnly(string stream, long? expected)
    {
        var reader = new SseReader();

        reader.Feed(Encoding.UTF8.GetBytes(stream));

        Assert.Equal(expected, reader.Retry);
    }

    [Fact]
    public void Feed_InvalidUtf8_BecomesTheReplacementCharacter()
    {
        var only = Assert.Single(SseReader.Parse([.. "data: a"u8, 0xFF, .. "b"u8, 0xE2, 0x82, .. "c\n\n"u8]));

        Assert.Equal("a\uFFFDb\uFFFDc", only.Data);
    }

    [Fact]
    public void Feed_CharacterSplitOverTwoPieces_IsWhole()
    {
        var reader = new SseReader();
        var bytes = "data: \U0001F30A\n\n"u8;

        var events = bytes.ToArray().SelectMany(octet => reader.Feed([octet])).ToList();

        Assert.Equal("\U0001F30A", Assert.Single(events).Data);
    }

    [Fact]
    public void Feed_TenMegabytesOfData_AreOneEvent()
    {
        var payload = new string('x', 10 * 1024 * 1024);

        var only = Assert.Single(SseReader.Parse(Encoding.UTF8.GetBytes("data: " + payload + "\n\n")));

        Assert.Equal(payload, only.Data);
    }

    [Fact]
    public void Feed_Comments_AreNoEventsAndNoBlankLines()
    {
        var reader = new SseReader();

        var events = reader.Feed(":\n: hello\n:\n"u8);

        Assert.Empty(events);
        Assert.Equal(["", " hello", ""], reader.Comments);
        Assert.Equal(0, reader.BlankLines);
    }

    [Fact]
    public async Task ReadAsync_StreamThatEndsWithinABlock_GivesWhatWasComplete()
    {
        using var stream = new MemoryStream("data: a\n\ndata: b\n"u8.ToArray());
        var events = new List<SseEvent>();

        await foreach (var sseEvent in new SseReader().ReadAsync(stream, TestContext.Current.CancellationToken))
        {
            events.Add(sseEvent);
        }

        Assert.Equal("a", Assert.Single(events).Data);
    }
}
