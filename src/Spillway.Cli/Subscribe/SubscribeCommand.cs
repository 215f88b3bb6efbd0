using System.CommandLine;
using Spillway.Cli.Arguments;
using Spillway.Client;

namespace Spillway.Cli.Subscribe;

/// <summary><c>spillway subscribe</c>.</summary>
internal sealed class SubscribeCommand
{
    private static readonly string[] Transports = ["sse", "ws", "poll"]; // In the order of the client's.

    private readonly Terminal _terminal;
    private readonly HubOption _hub;

    private readonly Argument<string[]> _topics = new("TOPIC")
    {
        Description = "Topics to subscribe to; together with --pattern at least one, at most 1,000.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string[]> _patterns = Values.Texts(
        "--pattern", "PATTERN", "Topics that match: a segment * is exactly one segment, a last ** zero or more. Repeatable. Default: none.");

    private readonly Option<string?> _transport = Values.Choice(
        "--transport", Transports, "How events travel: Server-Sent Events, a WebSocket, or long polling; what is printed is the same. Default: sse.");

    private readonly Option<bool> _json = Values.Flag("--json", "Prints each event as a line of JSON, with cursor, topic, type, key, time, contentType and payload. Default: off.");
    private readonly Option<bool> _latest = Values.Flag("--latest", "While this command does not keep up: only the newest event of every topic and key. Default: off.");
    private readonly Option<TimeSpan?> _batch = Values.Duration(
        "--batch", TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), "10ms to 60s", "The least time between two writes of the hub; critical events come at once. Default: what the topics' rules say.");

    private readonly Option<int?> _exitAfter = Values.Number("--exit-after", "N", 1, int.MaxValue, "Ends after this many events. Default: never.");
    private readonly StartOptions _start = new();

    private SubscribeCommand(Terminal terminal)
    {
        _terminal = terminal;
        _hub = new HubOption(terminal);
    }

    public static Command Create(Terminal terminal)
    {
        var self = new SubscribeCommand(terminal);
        var command = new Command("subscribe", "Prints events as they arrive, one a line; connects again by itself and tells gaps on the standard error. Without a starting point: from now on.")
        {
            self._topics, self._patterns, self._transport, self._json, self._latest, self._batch, self._exitAfter, self._hub.Option, self._hub.TokenFile,
        };
        self._start.AddTo(command);
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string[] topics = result.GetValue(_topics) ?? [], patterns = result.GetValue(_patterns) ?? [];
        if (topics.Length + patterns.Length == 0)
        {
            throw new UsageException("TOPIC is missing; name at least one topic, or a --pattern.");
        }

        using var http = _hub.Connect(result, Timeout.InfiniteTimeSpan);
        using var client = new SpillwayClient(http, new SpillwayClientOptions { Credential = _hub.Credential(result) });
        var options = new SubscribeOptions
        {
            Topics = topics,
            Patterns = patterns,
            Start = _start.Read(result),
            Transport = (Transport)Math.Max(Array.IndexOf(Transports, result.GetValue(_transport)), 0),
            Latest = result.GetValue(_latest),
            Batch = result.GetValue(_batch),
        };
        var events = SubscribeAsync(client, options, cancellationToken);
        IEventPrinter printer = result.GetValue(_json) ? new JsonEventPrinter(_terminal.Out) : new TextEventPrinter(_terminal.Out, _terminal.Colours);
        var wasTaken = true;
        try
        {
            return await ReadAsync(events, printer, client.BaseAddress, result.GetValue(_exitAfter) ?? int.MaxValue);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Success; // There is no other way to end a subscription.
        }
        catch (SpillwayException e) when (e.Status == 400)
        {
            wasTaken = false; // The cursor may be what is wrong.
            throw;
        }
        finally
        {
            if (wasTaken && events.Cursor.Length > 0)
            {
                await _terminal.Error.WriteLineAsync($"spillway: to go on later, use --cursor {events.Cursor}");
            }
        }
    }

    private static EventReader SubscribeAsync(SpillwayClient client, SubscribeOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return client.SubscribeAsync(options, cancellationToken);
        }
        catch (ArgumentException e) when (options.Transport == Transport.WebSocket)
        {
            throw new UsageException(e.Message); // More topics than its URL takes.
        }
    }

    private async Task<int> ReadAsync(EventReader events, IEventPrinter printer, Uri hub, int exitAfter)
    {
        var state = new StatePrinter(_terminal.Error, hub, _terminal.Command);
        var count = 0;
        await foreach (var item in events)
        {
            if (item is ReceivedEvent received)
            {
                await printer.PrintAsync(received);
                if (++count == exitAfter)
                {
                    break;
                }
            }
            else if (!await state.TryPrintAsync(item))
            {
                return ExitCode.Failure;
            }
        }

        return ExitCode.Success;
    }
}
