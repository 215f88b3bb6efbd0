using System.Text;
using Spillway.Events;
using Spillway.Transports.WebSocket;

namespace Spillway.TestKit;

/// <summary>What a hub answers to what <see cref="FrameModel"/> says that a client has sent, in words.</summary>
internal static class FrameAnswers
{
    /// <summary>All answers that are due; behind <c>close</c> nothing comes.</summary>
    public static List<string> Expected(IEnumerable<string> meant) => [.. meant.Select(AnswerTo).OfType<string>()];

    /// <summary>A frame of the hub's in the same words.</summary>
    public static string Describe(ServerFrame frame) => frame.Opcode switch
    {
        ClientFrame.Pong => $"pong {Convert.ToHexString(frame.Payload)}",
        ClientFrame.Close => $"close {frame.Code}",
        ClientFrame.Text when frame.ToString().StartsWith("{\"reply\":", StringComparison.Ordinal) => "reply",
        _ => frame.ToString(),
    };

    private static string? AnswerTo(string meant) => meant.Split(' ', 2) switch
    {
        ["ping", var payload] => $"pong {payload}",
        ["message", var text] => CommandReader.Read(Encoding.UTF8.GetBytes(text), CursorCodec.Plain, out _, out var command) is null && command!.Kind == CommandKind.Receipt ? null : "reply",
        ["close" or "fault", var code] => $"close {code}",
        _ => null,
    };
}
