using System.Buffers;
using System.Text;
using Spillway.Ingress;

namespace Spillway.Tests.Ingress;

public sealed class LineSplitterTests
{
    private const string Text = "one\n\ntwo two\r\nthis line is longer than twenty bytes\nthree\n12345678901234567890\n123456789012345678901\n\nlast";
    private static readonly string[] Expected = ["one", "", "two two\r", "too long: 37", "three", "12345678901234567890", "too long: 21", "", "last"];

    [Fact]
    public void TryTake_CutAtAnyTwoPlaces_GivesTheSameLines()
    {
        var bytes = Encoding.UTF8.GetBytes(Text);
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second++)
            {
                Assert.Equal(Expected, Split([bytes[..first], bytes[first..second], bytes[second..]]));
            }
        }
    }

    [Fact]
    public void TryTake_ByteByByte_GivesTheSameLinesFromFewBytes()
    {
        Assert.Equal(Expected, Split([.. Encoding.UTF8.GetBytes(Text).Select(static b => new[] { b })], mostKept: 21));
    }

    [Fact]
    public void TryTake_LastLineEndsProperly_IsNoExtraLine()
    {
        Assert.Equal(["a"], Split(["a\n"u8.ToArray()]));
        Assert.Equal([], Split([[]]));
        Assert.Equal(["too long: 30"], Split([Encoding.UTF8.GetBytes(new string('x', 30))]));
        Assert.Equal(["too long: 30"], Split([Encoding.UTF8.GetBytes(new string('x', 30)), "\n"u8.ToArray()]));
    }

    [Fact]
    public void TryTake_BoundIsChanged_HoldsForTheNextLine()
    {
        using var splitter = new LineSplitter(maxLineBytes: 20);
        var lines = new List<bool>();
        foreach (var bound in (int[])[20, 5, 20])
        {
            splitter.MaxLineBytes = bound;
            var buffer = new System.Buffers.ReadOnlySequence<byte>("0123456789\n"u8.ToArray());
            Assert.True(splitter.TryTake(ref buffer, completed: false, out var line));
            lines.Add(line is not null);
        }

        Assert.Equal([true, false, true], lines);
    }

    /// <summary>Does what a pipe does: what was not taken comes again, with more behind it.</summary>
    private static List<string> Split(byte[][] parts, int mostKept = int.MaxValue)
    {
        using var splitter = new LineSplitter(maxLineBytes: 20);
        var lines = new List<string>();
        var kept = new List<byte[]>();
        for (var i = 0; i <= parts.Length; i++)
        {
            var completed = i == parts.Length;
            if (!completed)
            {
                kept.Add(parts[i]);
            }

            var buffer = Sequence(kept);
            while (splitter.TryTake(ref buffer, completed, out var line))
            {
                lines.Add(line is null ? $"too long: {splitter.LineBytes}" : Encoding.UTF8.GetString(line.Value.Span));
            }

            kept = [];
            foreach (var segment in buffer)
            {
                kept.Add(segment.ToArray());
            }

            Assert.True(buffer.Length <= mostKept);
        }

        return lines;
    }

    private static ReadOnlySequence<byte> Sequence(List<byte[]> parts)
    {
        Segment? first = null;
        Segment? last = null;
        foreach (var part in parts)
        {
            last = new Segment(part, last);
            first ??= last;
        }

        return first is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? previous)
        {
            Memory = bytes;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
