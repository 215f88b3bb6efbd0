using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Transports.WebSocket;

/// <summary>The client's half of a connection: reads what it sends, has the loop answer, and changes what it is subscribed to. One message at a time: meanwhile nothing is read.</summary>
/// <param name="subscription">What runs meanwhile.</param>
/// <param name="selectors">What it is subscribed to at first.</param>
/// <param name="input">What the client sends.</param>
/// <param name="receipts">Which receipts are looked at; null: the client was not asked for any.</param>
/// <param name="context">What all sessions share.</param>
internal sealed class WebSocketSession(Subscription subscription, SelectorSet selectors, PipeReader input, ReceiptGate? receipts, SessionContext context)
{
    private readonly FrameReader _frames = new(context.Options.MessageBytes, context.Options.MessageFragments);
    private SelectorSet _selectors = selectors;
    private ClosingTail? _tail; // Once the client was faulty: its frames are not read any more.
    private long _second = long.MinValue;
    private int _inSecond;

    /// <summary>Reads until the client has closed or is gone. Never throws for what a client does.</summary>
    public async Task ReadAsync()
    {
        try
        {
            var hasClosed = false;
            while (!hasClosed)
            {
                var result = await input.ReadAsync();
                var rest = result.Buffer;
                while (!hasClosed && _tail is null && Next(ref rest) is not FrameEvent.None and var found)
                {
                    hasClosed = found == FrameEvent.Close;
                    await TakeAsync(found);
                }

                if (_tail is not null)
                {
                    // What it goes on to send is read and forgotten: who ends a connection with bytes unread resets it, and the client may lose the close frame that says why.
                    hasClosed = _tail.Take(rest);
                    rest = rest.Slice(rest.End);
                }

                input.AdvanceTo(rest.Start, rest.End);
                if (!hasClosed && (result.IsCompleted || result.IsCanceled))
                {
                    await subscription.EndAsync(null, CloseReason.ClientClosed);
                    hasClosed = true;
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

    private async ValueTask TakeAsync(FrameEvent found)
    {
        switch (found)
        {
            case FrameEvent.Close:
                await subscription.EndAsync(Answers.Close(_frames.Code, ""), CloseReason.ClientClosed);
                break;
            case FrameEvent.Fault:
                await FailAsync(_frames.Fault, _frames.Code, _frames.Reason);
                break;
            case FrameEvent.Message or FrameEvent.Ping or FrameEvent.Pong when !IsInRate():
                await FailAsync(
                    ClientFault.TooManyMessages, CloseCode.TooManyCommands,
                    $"More than {context.Options.MessagesPerSecond} messages in a second (WebSocket:MessagesPerSecond); retry={context.NextRetry()}");
                break;
            case FrameEvent.Pong:
                subscription.Heard();
                break;
            case FrameEvent.Ping:
                await subscription.SayAsync(Answers.Frame(Opcode.Pong, _frames.Control));
                break;
            case FrameEvent.Message:
                await AnswerAsync();
                break;
        }
    }

    private async ValueTask FailAsync(ClientFault fault, CloseCode code, string reason)
    {
        _tail = new ClosingTail();
        if (await subscription.EndAsync(Answers.Close(code, reason), CloseReason.ProtocolError))
        {
            context.Metrics.ClientFault(fault);
        }
    }

    private bool IsInRate()
    {
        var second = context.Time.GetTimestamp() / context.Time.TimestampFrequency;
        (_second, _inSecond) = second == _second ? (second, _inSecond + 1) : (second, 1);
        return _inSecond <= context.Options.MessagesPerSecond;
    }

    private async ValueTask AnswerAsync()
    {
        var problem = CommandReader.Read(_frames.Message, out var reference, out var command);
        switch (command?.Kind)
        {
            case CommandKind.Subscribe or CommandKind.Unsubscribe:
                problem = TryCombine(command, out var combined);
                if (problem is null && subscription.ChangeAsync(combined!, position => Answers.Reply(reference, position, null)) is { } change)
                {
                    _selectors = combined!;
                    await change;
                    return;
                }

                problem ??= Problem.Overloaded("The hub takes no more topics: it has reached Limits:Topics; try again later, or use patterns.");
                break;
            case CommandKind.Receipt:
                context.HubMetrics.Received(await TakeReceiptAsync(command), "websocket");
                return; // Nobody waits for an answer.
            case CommandKind.Token:
                problem = Problem.InvalidParameter("command", "token", "The command \"token\" is reserved: this hub has no access control to renew.");
                break;
        }

        if (problem is not null)
        {
            context.Metrics.RefusedCommand(problem.Name);
        }

        await subscription.SayAsync(Answers.Reply(reference, null, problem));
    }

    private async ValueTask<Receipt> TakeReceiptAsync(Command command)
    {
        var (position, ephemeral) = command.Event;
        if (receipts is null)
        {
            return new Receipt(ReceiptOutcome.NotAsked);
        }

        if (receipts.Check(position, ephemeral) is { } ignored)
        {
            return new Receipt(ignored);
        }

        var receipt = await subscription.FindAsync(position, ephemeral);
        if (receipt.Outcome == ReceiptOutcome.Found)
        {
            receipts.Found(position, ephemeral);
        }

        return receipt;
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

        var most = context.Options.Selectors;
        if (count > most && command.Kind == CommandKind.Subscribe)
        {
            const string Option = "WebSocket:Selectors";
            return Problem.InvalidParameter("topics", null, $"The subscription would name {count} topics and patterns; at most {most} ({Option}): use patterns, or another WebSocket.") with
            {
                Option = Option,
                Limit = most,
            };
        }

        return null;
    }
}
