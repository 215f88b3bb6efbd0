using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Transports.WebSocket;

/// <summary>The client's half of a connection: reads what it sends, has the loop answer, and changes what it is subscribed to. One message at a time: meanwhile nothing is read.</summary>
internal sealed class WebSocketSession(Subscription subscription, SelectorSet selectors, PipeReader input, WebSocketOptions options, TimeProvider time, Func<int> nextRetry)
{
    private readonly FrameReader _frames = new(options.MessageBytes);
    private SelectorSet _selectors = selectors;
    private long _second = long.MinValue;
    private int _inSecond;

    /// <summary>Reads until the client has closed, was faulty, or is gone. Never throws for what a client does.</summary>
    public async Task ReadAsync()
    {
        try
        {
            var goesOn = true;
            while (goesOn)
            {
                var result = await input.ReadAsync();
                var rest = result.Buffer;
                while (goesOn && Next(ref rest) is not FrameEvent.None and var found)
                {
                    goesOn = await TakeAsync(found);
                }

                input.AdvanceTo(rest.Start, rest.End);
                if (goesOn && (result.IsCompleted || result.IsCanceled))
                {
                    await subscription.EndAsync(null, CloseReason.ClientClosed);
                    goesOn = false;
                }
            }
        }
#pragma warning disable CA1031 // A connection that was reset throws in several ways; all mean the same.
        catch (Exception)
#pragma warning restore CA1031
        {
            await subscription.EndAsync(null, CloseReason.ClientClosed);
        }
    }

    private FrameEvent Next(ref ReadOnlySequence<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var span = buffer.FirstSpan;
            var length = span.Length;
            var found = _frames.Read(ref span);
            buffer = buffer.Slice(length - span.Length);
            if (found != FrameEvent.None)
            {
                return found;
            }
        }

        return FrameEvent.None;
    }

    /// <summary>Does what came asks for. False: nothing more is read.</summary>
    private async ValueTask<bool> TakeAsync(FrameEvent found)
    {
        switch (found)
        {
            case FrameEvent.Close:
                await subscription.EndAsync(CloseFrame(_frames.Code, ""), CloseReason.ClientClosed);
                return false;
            case FrameEvent.Fault:
                await subscription.EndAsync(CloseFrame(_frames.Code, _frames.Reason), CloseReason.ProtocolError);
                return false;
            case FrameEvent.Message or FrameEvent.Ping or FrameEvent.Pong when !IsInRate():
                var reason = $"More than {options.MessagesPerSecond} messages in a second (WebSocket:MessagesPerSecond); retry={nextRetry()}";
                await subscription.EndAsync(CloseFrame(CloseCode.TooManyCommands, reason), CloseReason.ProtocolError);
                return false;
            case FrameEvent.Pong:
                subscription.Heard();
                break;
            case FrameEvent.Ping:
                await subscription.SayAsync(Frame(Opcode.Pong, _frames.Control));
                break;
            case FrameEvent.Message:
                await AnswerAsync();
                break;
        }

        return true;
    }

    private bool IsInRate()
    {
        var second = time.GetTimestamp() / time.TimestampFrequency;
        (_second, _inSecond) = second == _second ? (second, _inSecond + 1) : (second, 1);
        return _inSecond <= options.MessagesPerSecond;
    }

    private async ValueTask AnswerAsync()
    {
        var problem = CommandReader.Read(_frames.Message, out var reference, out var command);
        if (command?.Kind is CommandKind.Subscribe or CommandKind.Unsubscribe)
        {
            problem = TryCombine(command, out var combined);
            if (problem is null && subscription.ChangeAsync(combined!, position => Reply(reference, position, null)) is { } change)
            {
                _selectors = combined!;
                await change;
                return;
            }

            problem ??= Problem.Overloaded("The hub takes no more topics: it has reached Limits:Topics; try again later, or use patterns.");
        }
        else if (command?.Kind == CommandKind.Token)
        {
            problem = Problem.InvalidParameter("command", "token", "The command \"token\" is reserved: this hub has no access control to renew.");
        }

        await subscription.SayAsync(Reply(reference, null, problem));
    }

    /// <summary>What the connection is subscribed to afterwards.</summary>
    private Problem? TryCombine(Command command, out SelectorSet? combined)
    {
        var topics = _selectors.Topics.Select(static topic => Encoding.UTF8.GetString(topic));
        combined = command.Kind == CommandKind.Subscribe
            ? new SelectorSet(topics.Concat(command.Topics), _selectors.Patterns.Concat(command.Patterns))
            : new SelectorSet(topics.Except(command.Topics, StringComparer.Ordinal), _selectors.Patterns.ExceptBy(command.Patterns.Select(static pattern => pattern.Text), static pattern => pattern.Text, StringComparer.Ordinal));
        var count = combined.Topics.Count + combined.Patterns.Count;
        if (count == 0)
        {
            return Problem.InvalidParameter("topics", null, "Nothing would be left of the subscription; close the WebSocket instead.");
        }

        if (count > options.Selectors && command.Kind == CommandKind.Subscribe)
        {
            const string Option = "WebSocket:Selectors";
            return Problem.InvalidParameter("topics", null, $"The subscription would name {count} topics and patterns; at most {options.Selectors} ({Option}): use patterns, or another WebSocket.") with
            {
                Option = Option,
                Limit = options.Selectors,
            };
        }

        return null;
    }

    private static byte[] Reply(string? reference, Position? position, Problem? problem)
    {
        var body = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(body, ProblemWriter.Legible))
        {
            json.WriteStartObject();
            json.WritePropertyName("reply"u8);
            json.WriteRawValue(reference ?? "null", skipInputValidation: true);
            if (position is { } known)
            {
                json.WriteString("cursor"u8, known.ToString());
            }

            if (problem is not null)
            {
                json.WritePropertyName("problem"u8);
                ProblemWriter.Write(problem, json);
            }

            json.WriteEndObject();
        }

        return Frame(Opcode.Text, body.WrittenSpan);
    }

    private static byte[] Frame(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var output = new ArrayBufferWriter<byte>(payload.Length + 10);
        Frames.Write(opcode, payload, output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] CloseFrame(CloseCode code, string reason)
    {
        var output = new ArrayBufferWriter<byte>(2 + Frames.MaxControl);
        Frames.WriteClose(code, reason, output);
        return output.WrittenSpan.ToArray();
    }
}
