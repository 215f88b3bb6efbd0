using System.Text.Json;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;
using Spillway.Transports.Sse;
using static Spillway.Tests.Transports.Sse.Encoded;

namespace Spillway.Tests.Transports.Sse;

/// <summary>Signals: the same in both formats.</summary>
public sealed class SseEncoderTests
{
    [Fact]
    public void Format_OfEachEncoder_IsItsOwn() => Assert.Equal([WireFormat.SseRaw, WireFormat.SseJson], [Raw.Format, Json.Format]);

    [Theory, InlineData(false), InlineData(true)]
    public void WriteKeepAlive_Always_IsACommentThatNoClientTakesForAnEvent(bool json)
    {
        var reader = new SseReader();

        var events = reader.Feed(Bytes(EncoderOf(json).WriteKeepAlive));

        Assert.Equal(":\n", Text(EncoderOf(json).WriteKeepAlive));
        Assert.Empty(events);
        Assert.Equal(0, reader.BlankLines);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void WriteRetry_BeforeAnEvent_TakesEffectAndIsNoBlockOfItsOwn(bool json)
    {
        var reader = new SseReader();

        var events = reader.Feed([.. Bytes(output => EncoderOf(json).WriteRetry(8_500, output)), .. Event(EncoderOf(json), Of("x"))]);

        Assert.Equal("retry: 8500\n", Text(output => EncoderOf(json).WriteRetry(8_500, output)));
        Assert.Equal("1zzz-1", Assert.Single(events).LastEventId);
        Assert.Equal((8_500L, 1), (reader.Retry, reader.BlankLines));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void WriteCursor_Position_MovesTheId(bool json)
    {
        Assert.Equal("id: 1zzz-z\nevent: spillway-cursor\ndata: {}\n\n", Text(output => EncoderOf(json).WriteCursor(new Position(Epoch, 35), output)));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void WriteGap_KnownCount_IsExact(bool json)
    {
        var gap = new Gap(new Position(Epoch, 1), new Position(Epoch, 5), GapReason.Overflow, 3);

        Assert.Equal(
            "id: 1zzz-1\nevent: spillway-gap\ndata: {\"from\":\"1zzz-1\",\"to\":\"1zzz-5\",\"reason\":\"overflow\",\"count\":3,\"exact\":true}\n\n",
            Text(output => EncoderOf(json).WriteGap(new Position(Epoch, 1), gap, output)));
    }

    [Theory]
    [InlineData(257L, "{\"backlog\":257}")]
    [InlineData(null, "{}")]
    public void WriteSlow_Backlog_IsToldWhereItIsKnown(long? backlog, string data)
    {
        Assert.Equal($"id: 1zzz-1\nevent: spillway-slow\ndata: {data}\n\n", Text(output => EncoderOf(json: false).WriteSlow(new Position(Epoch, 1), backlog, output)));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void WriteGap_UnknownCount_LeavesItOut(bool json)
    {
        var gap = new Gap(default, new Position(Epoch, 5), GapReason.Lost, null, "1a-1");

        Assert.Equal(
            "id: 1zzz-1\nevent: spillway-gap\ndata: {\"from\":\"1a-1\",\"to\":\"1zzz-5\",\"reason\":\"lost\",\"exact\":false}\n\n",
            Text(output => EncoderOf(json).WriteGap(new Position(Epoch, 1), gap, output)));
    }

    [Theory]
    [InlineData(nameof(GapReason.Overflow), "overflow")]
    [InlineData(nameof(GapReason.Shed), "shed")]
    [InlineData(nameof(GapReason.Expired), "expired")]
    [InlineData(nameof(GapReason.Retention), "retention")]
    [InlineData(nameof(GapReason.Lost), "lost")]
    [InlineData(nameof(GapReason.Corrupt), "corrupt")]
    public void WriteGap_EachReason_HasItsName(string name, string expected)
    {
        var reason = Enum.Parse<GapReason>(name);

        var bytes = Bytes(output => Raw.WriteGap(default, new Gap(default, default, reason, 0), output));

        var data = JsonElement.Parse(Assert.Single(SseReader.Parse(bytes)).Data);
        Assert.Equal(expected, data.GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("\"},\n\ndata: forged\r\r")]
    [InlineData("ä\u0000\u2028\U0001F30A")]
    public void WriteGap_CursorAsAnyClientSentIt_ComesBackAndForgesNothing(string from)
    {
        var bytes = Bytes(output => Raw.WriteGap(default, new Gap(default, default, GapReason.Lost, null, from), output));

        var only = Assert.Single(SseReader.Parse(bytes));
        Assert.Equal(("spillway-gap", from), (only.Type, JsonElement.Parse(only.Data).GetProperty("from").GetString()));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void WriteDrain_Reason_CarriesTheDelayTwice(bool json)
    {
        Assert.Equal(
            "retry: 3127\nevent: spillway-drain\ndata: {\"reason\":\"shutdown\",\"retry\":3127}\n\n",
            Text(output => EncoderOf(json).WriteDrain("shutdown", 3127, output)));
    }

    [Theory, InlineData(false), InlineData(true)]
    public void WriteEnd_Always_SaysWhy(bool json)
    {
        Assert.Equal("event: spillway-end\ndata: {\"reason\":\"topics-ended\"}\n\n", Text(EncoderOf(json).WriteEnd));
    }

    private static SseEncoder EncoderOf(bool json) => json ? Json : Raw;
}
