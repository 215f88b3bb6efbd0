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

    private const int Tries = 3; // Somebody else renews the connection's credential meanwhile.

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
    public Task EndAsync(CloseReason reason) => subscription.EndAsync(null, reason);

    private async ValueTask FailAsync(ClientFault fault, CloseCode code, string reason)
    {
        IsOver = true;
        if (await subscription.EndAsync(Answers.Close(code, reason), CloseReason.ProtocolError) == AskOutcome.Done)
        {
            context.Metrics.ClientFault(fault);
        }
    }

    private async ValueTask AnswerAsync()
    {
        var problem = CommandReader.Read(frames.Message, context.Cursors, out var reference, out var command);
        switch (command?.Kind)
        {
            case CommandKind.Subscribe or CommandKind.Unsubscribe:
                problem = await ChangeAsync(command, reference);
                if (problem is null)
                {
                    return; // The answer stands where the change does.
                }

                break;
            case CommandKind.Receipt:
                context.HubMetrics.Received(await TakeReceiptAsync(command), "websocket");
                return; // Nobody waits for an answer.
            case CommandKind.Token:
                (problem, var isAnswered) = await RenewAsync(command, reference);
                if (isAnswered)
                {
                    return;
                }

                break;
        }

        if (problem is not null)
        {
            context.Metrics.RefusedCommand(problem.Name);
            context.Journal.Note(problem);
        }

        await subscription.SayAsync(Answers.Reply(reference, null, problem));
    }

    /// <summary>Changes what is subscribed to. Null: it is done and answered, or there is nobody to answer.</summary>
    private async ValueTask<Problem?> ChangeAsync(Command command, string? reference)
    {
        for (var i = 0; i < Tries; i++)
        {
            if (await subscription.LookAsync() is not { } view)
            {
                return null;
            }

            var lease = view.Lease as AccessLease;
            if (TryCombine(command, lease?.Asked ?? view.Selectors, lease?.Ticket ?? AccessTicket.Everything, out var asked, out var granted) is { } problem)
            {
                return problem;
            }

            var next = lease is null ? null : AccessLease.Of(lease.Ticket, asked!, granted!);
            if (subscription.ChangeAsync(granted!, position => Answers.Reply(reference, context.Cursors.TextOf(position), null), lease, next) is not { } change)
            {
                return Problem.Overloaded("The hub takes no more topics: it has reached Limits:Topics; try again later, or use patterns.");
            }

            switch (await change)
            {
                case AskOutcome.Done or AskOutcome.Gone:
                    return null;
                case AskOutcome.Busy:
                    return LeaseRenewal.Busy();
            }
        }

        return LeaseRenewal.Busy();
    }

    /// <summary>Puts the command's credential in the place of the one before. Answered: where what is delivered has changed, the answer stands there.</summary>
    private async ValueTask<(Problem? Problem, bool IsAnswered)> RenewAsync(Command command, string? reference)
    {
        if (await subscription.LookAsync() is not { } view)
        {
            return (null, true);
        }

        var (problem, isAnswered) = (AccessProblems.NothingToRenew(), false);
        if (view.Lease is AccessLease lease && context.Gate is { } gate)
        {
            var answer = await gate.JudgeRenewalAsync(command.Token, lease.Ticket, CancellationToken.None);
            problem = !answer.IsGood ? answer.Problem : await LeaseRenewal.RenewAsync(subscription, answer.Ticket, context.Options.Selectors, SelectorOption, position =>
            {
                isAnswered = true;
                return Answers.Reply(reference, context.Cursors.TextOf(position), null);
            });
        }

        context.Metrics.Renewed(problem?.Name ?? (isAnswered ? "changed" : "renewed"));
        return (problem, isAnswered);
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

    /// <summary>What the client has asked for then, and what of it is granted now. What it takes away has the names by which it asked.</summary>
    private Problem? TryCombine(Command command, SelectorSet before, AccessTicket ticket, out SelectorSet? asked, out SelectorSet? granted)
    {
        granted = null;
        var topics = before.Topics.Select(static topic => Encoding.UTF8.GetString(topic));
        asked = command.Kind == CommandKind.Subscribe
            ? new SelectorSet(topics.Concat(command.Topics), before.Patterns.Concat(command.Patterns))
            : new SelectorSet(topics.Except(command.Topics, StringComparer.Ordinal), before.Patterns.ExceptBy(command.Patterns.Select(static pattern => pattern.Text), static pattern => pattern.Text, StringComparer.Ordinal));
        if (asked.Count == 0)
        {
            return Problem.InvalidParameter("topics", null, "Nothing would be left of the subscription; close the WebSocket instead.");
        }

        var most = context.Options.Selectors;
        if (asked.Count > most && command.Kind == CommandKind.Subscribe)
        {
            return Problem.InvalidParameter("topics", null, $"The subscription would name {asked.Count} topics and patterns; at most {most} ({SelectorOption}): use patterns, or another WebSocket.") with
            {
                Option = SelectorOption,
                Limit = most,
            };
        }

        if (AccessProblems.FindEnd(ticket, context.Time.GetUtcNow()) is { } end)
        {
            return end;
        }

        return GrantedRequest.Reduce(asked, ticket, most, SelectorOption, out granted);
    }
}
