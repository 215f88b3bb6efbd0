using System.Globalization;
using System.Text;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Transports.WebSocket;

/// <summary>The client's half of a connection: has the loop answer what it sends, and changes what it is subscribed to. One message at a time: meanwhile nothing is read.</summary>
/// <param name="subscription">What runs meanwhile.</param>
/// <param name="frames">What it sends.</param>
/// <param name="receipts">Which receipts are looked at; null: the client was not asked for any.</param>
/// <param name="context">What all dialogues share.</param>
internal sealed class Dialogue(LiveSubscription subscription, FrameReader frames, ReceiptGate? receipts, DialogueContext context)
{
    /// <summary>The option that says how many topics and patterns a WebSocket may have.</summary>
    public const string SelectorOption = "WebSocket:Selectors";

    /// <summary>What the client may subscribe to.</summary>
    public required SocketAccess Access { get; init; }

    /// <summary>What the client is subscribed to. Right before <see cref="TakeAsync"/> is given a message; kept so by what that does.</summary>
    public required SelectorSet Selectors { get; set; }

    /// <summary>What the client sends. Nothing is read from it while <see cref="TakeAsync"/> runs.</summary>
    public FrameReader Frames => frames;

    /// <summary>Whether the client has closed, or was faulty: its frames are not read any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Answers what was found in <see cref="Frames"/>. Never throws for what a client does.</summary>
    /// <param name="found">What it is.</param>
    /// <param name="isInRate">Whether it is not one message too many in its second.</param>
    public async ValueTask TakeAsync(FrameEvent found, bool isInRate)
    {
        switch (found)
        {
            case FrameEvent.Close:
                IsOver = true;
                await subscription.EndAsync(Answers.Close(frames.Code, ""), CloseReason.ClientClosed);
                break;
            case FrameEvent.Fault:
                await FailAsync(frames.Fault, frames.Code, frames.Reason);
                break;
            case FrameEvent.Message or FrameEvent.Ping or FrameEvent.Pong when !isInRate:
                await FailAsync(
                    ClientFault.TooManyMessages, CloseCode.TooManyCommands,
                    $"More than {context.Options.MessagesPerSecond} messages in a second (WebSocket:MessagesPerSecond); retry={context.NextRetry()}");
                break;
            case FrameEvent.Pong:
                subscription.Heard();
                break;
            case FrameEvent.Ping:
                await subscription.SayAsync(Answers.Frame(Opcode.Pong, frames.Control));
                break;
            case FrameEvent.Message:
                await AnswerAsync();
                break;
        }
    }

    /// <summary>Ends the connection: the rest of what has come in part did not come in time.</summary>
    public ValueTask TimeOutAsync() => FailAsync(
        ClientFault.SlowMessage, CloseCode.Policy, string.Create(CultureInfo.InvariantCulture, $"A message took longer than {context.Options.MessageTimeout.TotalSeconds} s (WebSocket:MessageTimeout); retry={context.NextRetry()}"));

    /// <summary>Ends the connection for a reason that is not the client's.</summary>
    public Task<bool> EndAsync(CloseReason reason) => subscription.EndAsync(null, reason);

    private async ValueTask FailAsync(ClientFault fault, CloseCode code, string reason)
    {
        IsOver = true;
        if (await subscription.EndAsync(Answers.Close(code, reason), CloseReason.ProtocolError))
        {
            context.Metrics.ClientFault(fault);
        }
    }

    private async ValueTask AnswerAsync()
    {
        var problem = CommandReader.Read(frames.Message, out var reference, out var command);
        switch (command?.Kind)
        {
            case CommandKind.Subscribe or CommandKind.Unsubscribe:
                problem = TryCombine(command, out var asked, out var granted);
                if (problem is null && subscription.ChangeAsync(granted!, position => Answers.Reply(reference, position, null)) is { } change)
                {
                    Selectors = granted!;
                    if (!Access.IsOpen)
                    {
                        Access.Asked = ReferenceEquals(asked, granted) ? null : asked;
                    }

                    await change;
                    return;
                }

                problem ??= Problem.Overloaded("The hub takes no more topics: it has reached Limits:Topics; try again later, or use patterns.");
                break;
            case CommandKind.Receipt:
                context.HubMetrics.Received(await TakeReceiptAsync(command), "websocket");
                return; // Nobody waits for an answer.
            case CommandKind.Token:
                problem = Problem.InvalidParameter("command", "token", "The command \"token\" is reserved; come back with the other token and the cursor.");
                break;
        }

        if (problem is not null)
        {
            context.Metrics.RefusedCommand(problem.Name);
            context.Journal.Note(problem);
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

    /// <summary>What the client has asked for then, and what the connection is subscribed to. What it takes away has the names by which it asked.</summary>
    private Problem? TryCombine(Command command, out SelectorSet? asked, out SelectorSet? granted)
    {
        var before = Access.Asked ?? Selectors;
        granted = null;
        var topics = before.Topics.Select(static topic => Encoding.UTF8.GetString(topic));
        asked = command.Kind == CommandKind.Subscribe
            ? new SelectorSet(topics.Concat(command.Topics), before.Patterns.Concat(command.Patterns))
            : new SelectorSet(topics.Except(command.Topics, StringComparer.Ordinal), before.Patterns.ExceptBy(command.Patterns.Select(static pattern => pattern.Text), static pattern => pattern.Text, StringComparer.Ordinal));
        var count = asked.Topics.Count + asked.Patterns.Count;
        if (count == 0)
        {
            return Problem.InvalidParameter("topics", null, "Nothing would be left of the subscription; close the WebSocket instead.");
        }

        var most = context.Options.Selectors;
        if (count > most && command.Kind == CommandKind.Subscribe)
        {
            return Problem.InvalidParameter("topics", null, $"The subscription would name {count} topics and patterns; at most {most} ({SelectorOption}): use patterns, or another WebSocket.") with
            {
                Option = SelectorOption,
                Limit = most,
            };
        }

        return Grant(asked, most, out granted);
    }

    /// <summary>What of it the client's credential allows, now.</summary>
    private Problem? Grant(SelectorSet asked, int most, out SelectorSet? granted)
    {
        if (Access.Ticket.HasExpired(context.Time.GetUtcNow()))
        {
            granted = null;
            return AccessProblems.Expired(Access.Ticket);
        }

        most = Math.Max(most, asked.Topics.Count + asked.Patterns.Count); // A handshake may have named more, and grants make none of it too many.
        var reduction = Access.Ticket.Subscribe.Reduce(asked, most);
        granted = reduction.Granted;
        return reduction.IsGranted ? null : AccessProblems.Of(reduction, Access.Ticket, most, SelectorOption);
    }
}
