using System.Buffers;
using System.Text;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.Mercure;
using Spillway.TestKit;

namespace Spillway.Tests.Mercure;

public sealed class SseMercureEncoderTests
{
    [Theory]
    [InlineData(null, "id: #OURS\ndata: x\n\n")]
    [InlineData("other", "id: #OURS\ndata: x\n\n")] // Of who publishes to the hub's own endpoints.
    [InlineData("AAAAAAAAAAAAAAAA urn:x", "id: #OURS\ndata: x\n\n")]
    [InlineData("mercure urn:x", "id: #OURS\ndata: x\n\n")]
    [InlineData("mercure/urn:x", "id: #OURS\ndata: x\n\n")] // Of an open hub's publisher.
    [InlineData("mercures/AAAA urn:x", "id: #OURS\ndata: x\n\n")]
    [InlineData("mercure/AAAA urn:x", "id: urn:x\ndata: x\n\nid: #OURS\n\n")] // The page gets the publisher's, and the client comes back with ours.
    public void WriteEvent_IdOfAPublisher_GoesOutIfItIsOf0X(string? id, string expected)
    {
        var record = Records.Make(new PushEvent { Topic = "a", Payload = "x"u8.ToArray(), Id = id }, 3);
        var ours = CursorCodec.Plain.TextOf(new Position(7, 3));
        var encoder = new SseMercureEncoder(new MercureCursors(CursorCodec.Plain, new Lazy<IBackplane>(static () => throw new InvalidOperationException())));
        var output = new ArrayBufferWriter<byte>();

        encoder.WriteEvent(new EventRecord(record), 7, output);

        Assert.Equal(expected.Replace("OURS", ours, StringComparison.Ordinal), Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void WriteEvent_Delay_IsAField()
    {
        var record = Records.Make(new PushEvent { Topic = "a", Payload = "x"u8.ToArray(), Id = "mercure/AAAA i", Type = "t", Retry = TimeSpan.FromSeconds(2) }, 3);
        var output = new ArrayBufferWriter<byte>();

        new SseMercureEncoder(new MercureCursors(CursorCodec.Plain, new Lazy<IBackplane>(static () => throw new InvalidOperationException()))).WriteEvent(new EventRecord(record), 7, output);

        Assert.StartsWith("id: i\nretry: 2000\nevent: t\ndata: x\n\nid: #", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
    }
}
