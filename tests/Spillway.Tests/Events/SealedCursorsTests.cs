using System.Text;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Events;

public sealed class SealedCursorsTests : IDisposable
{
    private const ulong Epoch = 0x12_3456_789A;

    private readonly SealedCursors _cursors = new(Enumerable.Range(0, SealedCursors.KeyLength).Select(static i => (byte)i).ToArray());

    public void Dispose() => _cursors.Dispose();

    /// <summary>Texts of <c>openssl enc -aes-128-ecb</c>: what was given out stays good for as long as the key does.</summary>
    [Theory]
    [InlineData(Epoch, 1_000, 0, "25sug7e1aje3sc124g5ehbi9p71")]
    [InlineData(Epoch, 1_000, 7, "20d5uea2dc0sh1p4l2ad0l217mf")]
    [InlineData((1UL << 40) - 1, (1L << 52) - 1, uint.MaxValue, "23r17nc4qal67l4rsnnfjups8uo")]
    [InlineData(1UL, 0, 0, "22kkoorcr76hck7mqq9obp7emdl")]
    public void FormatEvent_KnownKey_WritesTheSameForEver(ulong epoch, long offset, uint number, string expected)
    {
        Assert.Equal(expected, IdOf(_cursors, epoch, offset, number));
        Assert.Equal(new Position(epoch, offset), _cursors.Read(expected));
        Assert.True(_cursors.TryReadEvent(expected, out var position, out var read));
        Assert.Equal((new Position(epoch, offset), number), (position, read));
    }

    [Fact]
    public void FormatPlace_SamePlaceAgainAndAgain_NeverWritesTheSameTwice()
    {
        var place = new Position(Epoch, 1_000);
        var texts = Enumerable.Range(0, 10_000).Select(_ => _cursors.TextOf(place)).ToList();

        Assert.Equal(texts.Count, texts.Distinct().Count());
        Assert.DoesNotContain(IdOf(_cursors, Epoch, 1_000), texts);
        Assert.All(texts, text => Assert.Equal(place, _cursors.Read(text)));
        Assert.All(texts, text => Assert.False(_cursors.TryReadEvent(text, out _, out _)));
    }

    [Fact]
    public void Cursors_RandomPositions_AreReadAgainAndHaveTheFormOfTheProtocol()
    {
        var random = new Random(1);
        for (var i = 0; i < 10_000; i++)
        {
            var (epoch, offset) = ((ulong)random.NextInt64(1, 1L << 40), random.NextInt64(0, 1L << random.Next(1, 53)));
            var (id, place) = (IdOf(_cursors, epoch, offset, (uint)random.NextInt64(1, 1L << 32)), _cursors.TextOf(new Position(epoch, offset)));

            Assert.Equal((new Position(epoch, offset), new Position(epoch, offset)), (_cursors.Read(id), _cursors.Read(place)));
            Assert.All([id, place], static text => Assert.Matches("^2[0-7][0-9a-v]{25}$", text));
            Assert.All([id, place], static text => Assert.True(CursorCodec.HasForm(text)));
        }
    }

    [Fact]
    public void FormatEvent_EventsInARow_AreInNoOrderAndShareNoBeginning()
    {
        var ids = Enumerable.Range(1, 10_000).Select(offset => IdOf(_cursors, Epoch, offset)).ToList();

        var rises = ids.Zip(ids.Skip(1)).Count(static pair => string.CompareOrdinal(pair.First, pair.Second) < 0);
        Assert.InRange(rises, 4_800, 5_200);
        for (var at = 2; at < ids[0].Length; at++)
        {
            Assert.Equal(32, ids.Select(id => id[at]).Distinct().Count());
            Assert.InRange(ids.GroupBy(id => id[at]).Max(static group => group.Count()), 313, 450); // 313 were even.
        }
    }

    [Fact]
    public void Read_NotMadeWithThisKey_IsOfNoHistoryOfThisHub()
    {
        using var other = new SealedCursors(Enumerable.Repeat((byte)7, SealedCursors.KeyLength).ToArray());
        var text = IdOf(_cursors, Epoch, 1_000);

        Assert.NotEqual(Epoch, other.Read(text).Epoch);
        for (var at = 1; at < text.Length; at++)
        {
            var changed = $"{text[..at]}{(text[at] == '3' ? '4' : '3')}{text[(at + 1)..]}";
            Assert.NotEqual(Epoch, _cursors.Read(changed).Epoch);
        }
    }

    [Fact]
    public void Read_PlainCursor_CountsForWhoIsTrustedAlone()
    {
        var plain = new Position(Epoch, 1_000);

        Assert.Equal(default, _cursors.Read(plain.ToString()));
        Assert.False(_cursors.TryReadEvent(plain.ToString(), out _, out _));
        Assert.Equal(plain, _cursors.ReadTrusted(plain.ToString()));
        Assert.Equal(plain, _cursors.ReadTrusted(_cursors.TextOf(plain)));
        Assert.Equal(default, CursorCodec.Plain.Read(_cursors.TextOf(plain)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("25sug7e1aje3sc124g5ehbi9p7")]
    [InlineData("25sug7e1aje3sc124g5ehbi9p711")]
    [InlineData("28sug7e1aje3sc124g5ehbi9p71")]
    [InlineData("25SUG7E1AJE3SC124G5EHBI9P71")]
    [InlineData("25sug7e1aje3sc124g5ehbi9p7w")]
    [InlineData("25sug7e1aje3sc124g5ehbi9p.1")]
    [InlineData("35sug7e1aje3sc124g5ehbi9p71")]
    public void HasForm_OtherTexts_HaveNot(string text)
    {
        Assert.False(CursorCodec.HasForm(text));
        Assert.Equal(default, _cursors.Read(text));
    }

    [Fact]
    public void FormatEvent_ManyThreads_AllWriteTheSame()
    {
        var expected = Enumerable.Range(0, 500).Select(offset => IdOf(_cursors, Epoch, offset)).ToList();

        Parallel.For(0, 16, _ => Assert.Equal(expected, Enumerable.Range(0, 500).Select(offset => IdOf(_cursors, Epoch, offset))));
    }

    [Fact]
    public void FormatEvent_OnAThreadThatHasDoneItBefore_AllocatesNothing()
    {
        var record = Records.Make(new PushEvent { Topic = "a" }, 1_000);
        var into = new byte[CursorCodec.MaxLength];
        _cursors.FormatEvent(new EventRecord(record), Epoch, into);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            _cursors.FormatEvent(new EventRecord(record), Epoch, into);
            _cursors.FormatPlace(new Position(Epoch, i), into);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string IdOf(SealedCursors cursors, ulong epoch, long offset, uint number = 0)
    {
        var record = Records.Make(new PushEvent { Topic = "a", Payload = Encoding.ASCII.GetBytes("x") }, offset, extraFlags: number > 0 ? EventFlags.Ephemeral : EventFlags.None, ephemeralNumber: number);
        return cursors.TextOf(new EventRecord(record), epoch);
    }
}
