using System.Buffers;
using System.CommandLine;
using Spillway.Cli.Arguments;
using Spillway.Client;

namespace Spillway.Cli.Publish;

/// <summary><c>spillway publish</c>.</summary>
internal sealed class PublishCommand
{
    private const int ReadBytes = 64 * 1024;
    private const int MaxPayload = 64 * 1024 * 1024; // Four times the largest event that a hub can be set to take.

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250); // Somebody waits: with five attempts, two seconds on average.

    private readonly Terminal _terminal;
    private readonly HubOption _hub;

    private readonly Argument<string?> _topic = new("TOPIC")
    {
        Description = "The topic: up to 512 bytes, segments divided by \"/\". None with --ndjson.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Argument<string?> _payload = new("PAYLOAD")
    {
        Description = "What is delivered; - reads it from the standard input. Default: nothing.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _type = Values.Text("--type", "NAME", "The kind of event, which EventSource calls its event. Default: none.");
    private readonly Option<string?> _key = Values.Text("--key", "KEY", "The value within the topic that the event replaces, for snapshots. Default: none.");
    private readonly Option<string?> _priority = Values.Choice("--priority", ["low", "normal", "critical"], "What is given up last when a subscriber is slow. Default: what the hub's rule for the topic says, else normal.");
    private readonly Option<TimeSpan?> _ttl = Values.Duration("--ttl", "After this time the event is no longer delivered: 1ms to 365d; without a unit, seconds. Default: no limit.");
    private readonly Option<string?> _contentType = Values.Text("--content-type", "TYPE", "The payload's media type. Default: text/plain for UTF-8, else application/octet-stream.");
    private readonly Option<bool> _private = Values.Flag("--private", "Only subscribers with a grant get the event. Default: off.");
    private readonly Option<bool> _final = Values.Flag("--final", "The event is the last one of its topic. Default: off.");
    private readonly Option<string?> _id = Values.Text("--id", "ID", "Publishing the same id again adds nothing. Default: a new one, so that retries are harmless.");
    private readonly Option<string?> _commit = Values.Choice(
        "--commit", ["memory", "written", "synced"], "When the hub answers: once the event is in the order, with the operating system, or on the disk. Default: the hub's own, synced unless set otherwise.");

    private readonly Option<bool> _end = Values.Flag("--end", "Ends the topic instead of publishing to it. Default: off.");
    private readonly Option<bool> _ndjson = Values.Flag("--ndjson", "Publishes the standard input as it comes: a JSON event a line, each with its topic. Default: off.");

    private PublishCommand(Terminal terminal)
    {
        _terminal = terminal;
        _hub = new HubOption(terminal);
    }

    public static Command Create(Terminal terminal)
    {
        var self = new PublishCommand(terminal);
        var command = new Command("publish", "Publishes an event, a stream of them, or the end of a topic.")
        {
            self._topic, self._payload, self._type, self._key, self._priority, self._ttl, self._contentType,
            self._private, self._final, self._id, self._commit, self._end, self._ndjson, self._hub.Option, self._hub.TokenFile,
        };
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        CheckCombination(result);
        using var http = _hub.Connect(result, Timeout.InfiniteTimeSpan); // Streams have no end; requests are limited one by one.
        using var client = new SpillwayClient(http, new SpillwayClientOptions
        {
            RetryDelay = FirstRetry,
            Commit = result.GetValue(_commit) is { } level ? Enum.Parse<Client.CommitLevel>(level, ignoreCase: true) : null,
        });
        if (result.GetValue(_ndjson))
        {
            return await PublishStreamAsync(client, cancellationToken);
        }

        if (result.GetValue(_end))
        {
            var end = await client.EndTopicAsync(result.GetValue(_topic)!, cancellationToken);
            await _terminal.Out.WriteLineAsync($"ended, cursor {end}");
            return ExitCode.Success;
        }

        var receipt = await client.PublishAsync(await ReadEventAsync(result, cancellationToken), cancellationToken);
        await _terminal.Out.WriteLineAsync($"accepted {receipt.Accepted}, duplicates {receipt.Duplicates}, cursor {receipt.Cursor}");
        return ExitCode.Success;
    }

    private void CheckCombination(ParseResult result)
    {
        Option[] fields = [_type, _key, _priority, _ttl, _contentType, _private, _final, _id];
        var given = fields.Where(option => result.GetResult(option) is { Implicit: false }).Select(static option => option.Name).ToList();
        if (result.GetValue(_topic) is null && !result.GetValue(_ndjson))
        {
            throw new UsageException("TOPIC is missing; name the topic to publish to.");
        }

        if (result.GetValue(_ndjson))
        {
            if (result.GetValue(_topic) is { } topic)
            {
                throw new UsageException($"TOPIC is \"{topic}\", but with --ndjson each line names its own; leave it out.");
            }

            given.AddRange(result.GetValue(_end) ? ["--end"] : []);
            ThrowIfAny(given, "--ndjson", "each line is a whole event");
        }

        if (result.GetValue(_end))
        {
            given.AddRange(result.GetValue(_payload) is null ? [] : ["PAYLOAD"]);
            ThrowIfAny(given, "--end", "the end of a topic is no event; use --final to publish a last one");
        }
    }

    private static void ThrowIfAny(List<string> given, string mode, string why)
    {
        if (given.Count > 0)
        {
            throw new UsageException($"{string.Join(", ", given)} cannot be used with {mode}: {why}.");
        }
    }

    private async Task<OutgoingEvent> ReadEventAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var payload = result.GetValue(_payload) ?? "";
        var source = new OutgoingEvent
        {
            Topic = result.GetValue(_topic)!,
            Type = result.GetValue(_type),
            Key = result.GetValue(_key),
            Priority = result.GetValue(_priority) switch { "low" => OutgoingPriority.Low, "critical" => OutgoingPriority.Critical, "normal" => OutgoingPriority.Normal, _ => null },
            Ttl = result.GetValue(_ttl),
            ContentType = result.GetValue(_contentType),
            Private = result.GetValue(_private),
            Final = result.GetValue(_final),
            Id = result.GetValue(_id),
            Text = payload,
        };
        return payload == "-" ? source with { Payload = await ReadInputAsync(cancellationToken) } : source;
    }

    private async Task<ReadOnlyMemory<byte>> ReadInputAsync(CancellationToken cancellationToken)
    {
        await using var input = _terminal.OpenInput();
        var payload = new ArrayBufferWriter<byte>();
        while (await input.ReadAsync(payload.GetMemory(ReadBytes), cancellationToken) is > 0 and var length)
        {
            payload.Advance(length);
            if (payload.WrittenCount > MaxPayload)
            {
                throw new UsageException($"PAYLOAD from the standard input is longer than {MaxPayload / 1024 / 1024} MiB; no hub takes such an event. Use --ndjson for a stream of events.");
            }
        }

        return payload.WrittenMemory;
    }

    private async Task<int> PublishStreamAsync(SpillwayClient client, CancellationToken cancellationToken)
    {
        await using var input = _terminal.OpenInput();
        var receipt = await client.PublishStreamAsync(input, cancellationToken);
        foreach (var fault in receipt.Errors)
        {
            await _terminal.Error.WriteLineAsync($"spillway: line {fault.Line}: {fault.Status} {(fault.Detail.Length > 0 ? fault.Detail : fault.Title)}");
        }

        var refused = receipt.Errors.Count + receipt.ErrorsOmitted;
        if (receipt.ErrorsOmitted > 0)
        {
            await _terminal.Error.WriteLineAsync($"spillway: {receipt.ErrorsOmitted} more lines were refused.");
        }

        await _terminal.Out.WriteLineAsync($"accepted {receipt.Accepted}, duplicates {receipt.Duplicates}, refused {refused}, cursor {(receipt.Cursor.Length > 0 ? receipt.Cursor : "none")}");
        return refused == 0 ? ExitCode.Success : ExitCode.Failure;
    }
}
