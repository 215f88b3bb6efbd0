using System.Text;
using Spillway.Events;
using Spillway.TestKit;
using Spillway.Transports.WebSocket;

namespace Spillway.Tests.Transports.WebSocket;

public sealed class CommandReaderTests
{
    [Theory]
    [InlineData("""{"command":"subscribe","topics":["\ud800"]}""")]
    [InlineData("""{"command":"subscribe","patterns":["a/\udc00"]}""")]
    [InlineData("""{"command":"subscribe","topics":"\ud800"}""")]
    [InlineData("""{"command":"subscribe","other":"\ud800"}""")]
    [InlineData("""{"command":"receipt","id":"\ud800"}""")]
    [InlineData("""{"command":"token","token":""}""")]
    [InlineData("""{"command":"token","token":7}""")]
    [InlineData("""{"command":"token"}""")]
    public void Read_NoTextOrHalfOfAPair_IsAProblemThatCanBeAnswered(string message)
    {
        var problem = CommandReader.Read(Encoding.UTF8.GetBytes(message), CursorCodec.Plain, out var reference, out var command);

        Assert.NotNull(problem);
        Assert.Null(command);
        Assert.Contains("\"problem\"", Encoding.UTF8.GetString(Answers.Reply(reference, null, problem)), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Token_IsTakenAndNotQuotedWhereItIsRefused()
    {
        Assert.Null(CommandReader.Read("""{"command":"token","token":"ey.secret.x","ref":1}"""u8, CursorCodec.Plain, out var reference, out var command));
        Assert.Equal(("1", CommandKind.Token, "ey.secret.x"), (reference, command!.Kind, command.Token));

        var problem = CommandReader.Read("""{"command":"token","token":["ey.secret.x"]}"""u8, CursorCodec.Plain, out _, out _)!;
        Assert.DoesNotContain("secret", problem.Detail + problem.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ReceiptWhereCursorsAreSealed_TakesIdsOfEventsAlone()
    {
        using var cursors = new SealedCursors(new byte[SealedCursors.KeyLength]);
        var position = new Position(46_655, 5);
        var record = Records.Make(new PushEvent { Topic = "a" }, position.Offset, extraFlags: EventFlags.Ephemeral, ephemeralNumber: 3);
        var id = cursors.TextOf(new EventRecord(record), position.Epoch);

        Assert.Null(CommandReader.Read(Receipt(id), cursors, out _, out var command));
        Assert.Equal((position, 3u), command!.Event);
        Assert.All([cursors.TextOf(position), $"{position}.3", "x"], other => Assert.Equal("id", CommandReader.Read(Receipt(other), cursors, out _, out _)!.Field));
    }

    private static byte[] Receipt(string id) => Encoding.UTF8.GetBytes($$"""{"command":"receipt","id":"{{id}}"}""");
}
