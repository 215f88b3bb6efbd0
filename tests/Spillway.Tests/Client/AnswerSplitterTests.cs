using System.Buffers;
using System.Text;
using Spillway.Client;
using Spillway.Client.LongPolling;

namespace Spillway.Tests.Client;

public sealed class AnswerSplitterTests
{
    private const string First = """{"id":"1-b","topic":"a}]\"{","payload":{"deep":[[{}],"\\"]}}""";
    private const string Second = """{"signal":"gap","id":"1-c"}""";
    private const string Answer = """ {"more" : true, "other":[{"entries":[1]}], "entries" :  [ """ + First + " ,\n" + Second + """ ], "cursor":"1-d"} """;

    /// <summary>However the bytes are cut, the entries are the same.</summary>
    [Fact]
    public void TryRead_AnswerInPieces_FindsTheEntriesAndLeavesTheRest()
    {
        var bytes = Encoding.UTF8.GetBytes(Answer);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var splitter = new AnswerSplitter(1_024);
            var entries = Read(splitter, bytes[..cut]).Concat(Read(splitter, bytes[cut..])).ToList();

            Assert.Equal([First, Second], entries);
            Assert.True(splitter.IsComplete);
            Assert.Equal(""" {"more" : true, "other":[{"entries":[1]}], "entries" :  [], "cursor":"1-d"} """, Encoding.UTF8.GetString(splitter.Rest.Span));
        }
    }

    [Fact]
    public void IsComplete_BytesMissing_IsFalse()
    {
        var bytes = Encoding.UTF8.GetBytes(Answer.Trim());
        for (var length = 0; length < bytes.Length; length++)
        {
            var splitter = new AnswerSplitter(1_024);
            Read(splitter, bytes[..length]);

            Assert.False(splitter.IsComplete);
        }
    }

    [Fact]
    public void TryRead_EntryLongerThanTheLimit_KeepsItsBeginningAndTheOthers()
    {
        var splitter = new AnswerSplitter(50);
        var answer = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes($$"""{"entries":[{"id":"1-b","topic":"{{new string('x', 500)}}"},{"id":"1-c"}]}"""));

        Assert.True(splitter.TryRead(ref answer));
        Assert.True(splitter.IsOversized);
        Assert.Equal(50, splitter.Entry.Length);
        Assert.StartsWith("""{"id":"1-b",""", Encoding.UTF8.GetString(splitter.Entry.Span), StringComparison.Ordinal);
        Assert.True(splitter.TryRead(ref answer));
        Assert.False(splitter.IsOversized);
        Assert.Equal("""{"id":"1-c"}""", Encoding.UTF8.GetString(splitter.Entry.Span));
    }

    [Fact]
    public void TryRead_MoreBesideTheEntriesThanAnyHubSays_IsRefused()
    {
        var splitter = new AnswerSplitter(50);
        var answer = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes("{\"x\":\"" + new string('x', 65_536)));

        var failure = Assert.Throws<SpillwayException>(() => splitter.TryRead(ref answer));

        Assert.Contains("65536 bytes", failure.Message, StringComparison.Ordinal);
    }

    private static List<string> Read(AnswerSplitter splitter, byte[] bytes)
    {
        var (entries, buffer) = (new List<string>(), new ReadOnlySequence<byte>(bytes));
        while (splitter.TryRead(ref buffer))
        {
            entries.Add(Encoding.UTF8.GetString(splitter.Entry.Span));
        }

        Assert.True(buffer.IsEmpty);
        return entries;
    }
}
