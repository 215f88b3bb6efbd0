using System.Text;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Events;

public sealed class RoundTripTests
{
    [Theory]
    [InlineData(0UL, 0L)]
    [InlineData(46_655UL, 5L)]
    [InlineData(ulong.MaxValue, long.MaxValue)]
    public void Position_WrittenAndRead_IsTheSame(ulong epoch, long offset)
    {
        var position = new Position(epoch, offset);

        Assert.True(Position.TryParse(position.ToString(), out var read) && read == position);
        Assert.True(Position.TryParse($"{position}.17", out read) && read == position);
        Assert.True(position.ToString().Length <= Position.MaxLength);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1-5")]
    [InlineData("2zzz-5")]
    [InlineData("1zzz")]
    [InlineData("1zzz-")]
    [InlineData("1zzz-05")] // One spelling for each.
    [InlineData("10zz-5")]
    [InlineData("1ZZZ-5")]
    [InlineData("1zzz-5.")]
    [InlineData("1zzz-5.x")]
    [InlineData("1zzz-5.-1")]
    [InlineData("1zzz--5")]
    [InlineData("1zzz-1y2p0ij32e8e8")] // long.MaxValue and one.
    [InlineData("1zzzzzzzzzzzzzz-5")]
    public void Position_NoCursor_IsRefused(string text)
    {
        Assert.False(Position.TryParse(text, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void EventRecord_AnyEvent_ReadsWhatWasWritten(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 2_000; i++)
        {
            var source = new PushEvent
            {
                Topic = Text(random, 1),
                Alternates = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Text(random, 1))],
                Type = Maybe(random),
                Key = Maybe(random),
                ContentType = Maybe(random),
                Id = Maybe(random),
                TraceParent = Maybe(random),
                Payload = Bytes(random),
                Ttl = random.Next(2) == 0 ? null : TimeSpan.FromMilliseconds(random.Next(1, 9_000)),
                Priority = (EventPriority)random.Next(3),
                Private = random.Next(2) == 0,
                Final = random.Next(2) == 0,
            };

            var bytes = Records.Make(source, offset: i, time: i * 7L, ephemeralNumber: (uint)i);
            var record = new EventRecord(bytes);

            Assert.True(EventRecord.TryMeasure([.. bytes, 1, 2, 3], out var length) && length == bytes.Length && EventRecord.LengthAt(bytes) == length);
            Assert.Equal((i, i * 7L, (uint)i), (record.Offset, record.Time, record.EphemeralNumber));
            Assert.Equal((source.Topic, source.Type ?? "", source.Key ?? ""), (Read(record.Topic), Read(record.Type), Read(record.Key)));
            Assert.Equal((source.ContentType ?? "", source.Id ?? "", source.TraceParent ?? ""), (Read(record.ContentType), Read(record.Id), Read(record.TraceParent)));
            Assert.Equal(source.Priority, record.Priority);
            Assert.Equal((source.Private, source.Final), (record.Flags.HasFlag(EventFlags.Private), record.Flags.HasFlag(EventFlags.Final)));
            Assert.Equal((long)(source.Ttl?.TotalMilliseconds ?? 0), record.TtlMilliseconds);
            Assert.True(record.Payload.SequenceEqual(source.Payload.Span));
            var alternates = new List<string>();
            foreach (var alternate in record.Alternates)
            {
                alternates.Add(Read(alternate));
            }

            Assert.Equal(source.Alternates, alternates);
        }
    }

    [Fact]
    public void TryMeasure_AnyByteCutOffOrDamagedLength_NeverReadsBeyond()
    {
        var random = new Random(3);
        var bytes = Records.Make(new PushEvent { Topic = "a/b", Key = "k", Payload = new byte[300], Ttl = TimeSpan.FromSeconds(1) }, 1);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(EventRecord.TryMeasure(bytes.AsSpan(0, length), out _));
        }

        for (var i = 0; i < 20_000; i++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            if (EventRecord.TryMeasure(damaged, out var length))
            {
                _ = new EventRecord(damaged.AsSpan(0, length)).Payload.Length; // What it lets through can be read.
            }
        }
    }

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(random.Next(5) == 0 ? 40_000 : 200)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string? Maybe(Random random) => random.Next(2) == 0 ? null : Text(random, 1);

    private static string Text(Random random, int least) => new([.. Enumerable.Range(0, random.Next(least, 40)).Select(_ => "aé漢/z"[random.Next(5)])]);

    private static string Read(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
