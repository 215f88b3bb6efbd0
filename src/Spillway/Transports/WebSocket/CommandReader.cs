using System.Text.Json;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Transports.WebSocket;

/// <summary>Reads a command from a text message, which is valid UTF-8.</summary>
internal static class CommandReader
{
    private const int MaxRefLength = 64;
    private const string Kinds = "subscribe, unsubscribe, ping, receipt, token";

    /// <summary>The command; or a problem, and as much of a command as could be read.</summary>
    public static Problem? Read(ReadOnlySpan<byte> message, CursorCodec cursors, out string? reference, out Command? command)
    {
        (reference, command) = (null, null);
        try
        {
            using var document = JsonDocument.Parse(message.ToArray());
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return Problem.InvalidJson("A message is a command, a JSON object like {\"command\":\"subscribe\",\"topics\":[…]}.");
            }

            return Read(document.RootElement, cursors, out reference, out command);
        }
        catch (JsonException fault)
        {
            return Problem.InvalidJson($"The message is not valid JSON at line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}; send one JSON object.");
        }
    }

    private static Problem? Read(JsonElement message, CursorCodec cursors, out string? reference, out Command? command)
    {
        (reference, command) = (null, null);
        if (message.TryGetProperty("ref"u8, out var given))
        {
            reference = given.GetRawText();
            if (given.ValueKind is not (JsonValueKind.String or JsonValueKind.Number) || reference.Length > MaxRefLength)
            {
                reference = null;
                return Problem.InvalidParameter("ref", given.GetRawText(), $"ref is not a number or a string of at most {MaxRefLength} characters.");
            }
        }

        var name = message.TryGetProperty("command"u8, out var named) && named.ValueKind == JsonValueKind.String ? named.GetString()! : "";
        CommandKind? kind = name switch
        {
            "subscribe" => CommandKind.Subscribe,
            "unsubscribe" => CommandKind.Unsubscribe,
            "ping" => CommandKind.Ping,
            "receipt" => CommandKind.Receipt,
            "token" => CommandKind.Token,
            _ => null,
        };
        if (kind is null)
        {
            return Problem.InvalidParameter("command", name, $"The command \"{Problem.Cut(name)}\" is not known; there are {Kinds}.");
        }

        command = new Command(kind.Value, reference);
        var problem = ReadMembers(message, cursors, command);
        if (problem is not null)
        {
            command = null;
        }

        return problem;
    }

    private static Problem? ReadMembers(JsonElement message, CursorCodec cursors, Command command)
    {
        foreach (var member in message.EnumerateObject())
        {
            var problem = (member.Name, command.Kind) switch
            {
                ("command" or "ref", _) => null,
                ("topics" or "patterns", CommandKind.Subscribe or CommandKind.Unsubscribe) => ReadNames(member, command),
                ("id", CommandKind.Receipt) => ReadId(member, cursors, command),
                ("token", CommandKind.Token) => ReadToken(member, command),
                ({ } name, _) when name.StartsWith('_') => null,
                ({ } name, _) => Problem.InvalidParameter(Problem.Cut(name), Shown(member.Value), $"The member \"{Problem.Cut(name)}\" does not belong to this command."),
            };
            if (problem is not null)
            {
                return problem;
            }
        }

        return command.Kind switch
        {
            CommandKind.Subscribe or CommandKind.Unsubscribe when command.Topics.Count + command.Patterns.Count == 0 =>
                Problem.InvalidParameter("topics", null, "The command names neither a topic nor a pattern; name at least one."),
            CommandKind.Token when command.Token.Length == 0 => Problem.InvalidParameter("token", null, "The command has no token; give it the one that is to take the place of the one before."),
            CommandKind.Receipt when command.Event.Position == default => Problem.InvalidParameter("id", null, "The receipt names no event; give it the id of one."),
            _ => null,
        };
    }

    private static Problem? ReadId(JsonProperty member, CursorCodec cursors, Command command)
    {
        var id = member.Value.ValueKind == JsonValueKind.String ? TextOf(member.Value)! : "";
        if (!cursors.TryReadEvent(id, out var position, out var number))
        {
            return Problem.InvalidParameter("id", Shown(member.Value), "id is not one of an event; give it as the event had it.");
        }

        command.Event = (position, number);
        return null;
    }

    private static Problem? ReadToken(JsonProperty member, Command command)
    {
        command.Token = member.Value.ValueKind == JsonValueKind.String ? TextOf(member.Value)! : "";
        return command.Token.Length > 0 ? null : Problem.InvalidParameter("token", null, "token is not a text; give it the token, as Authorization would have it behind \"Bearer\"."); // Not quoted: it may be one.
    }

    private static Problem? ReadNames(JsonProperty member, Command command)
    {
        if (member.Value.ValueKind != JsonValueKind.Array)
        {
            return Problem.InvalidParameter(member.Name, Shown(member.Value), $"The member \"{member.Name}\" is not an array of strings.");
        }

        var index = 0;
        foreach (var item in member.Value.EnumerateArray())
        {
            var name = item.ValueKind == JsonValueKind.String ? TextOf(item) : null;
            if (name is null)
            {
                return Problem.InvalidParameter(member.Name, Shown(item), $"The member \"{member.Name}\" is not an array of strings.") with { Index = index };
            }

            if (!TryAdd(member.Name, name, command, out var fault))
            {
                return Problem.InvalidTopic(member.Name, name, fault) with { Index = index };
            }

            index++;
        }

        return null;
    }

    private static bool TryAdd(string field, string name, Command command, out string fault)
    {
        if (field == "topics")
        {
            command.Topics.Add(name);
            return Topic.TryValidate(name, out fault!);
        }

        if (TopicPattern.TryParse(name, out var pattern, out fault!))
        {
            command.Patterns.Add(pattern!);
            return true;
        }

        return false;
    }

    /// <summary>As a problem quotes it.</summary>
    private static string Shown(JsonElement value) => value.ValueKind == JsonValueKind.String ? TextOf(value)! : value.GetRawText();

    private static string? TextOf(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return "\uFFFD"; // Half of a surrogate pair, escaped: no name may hold this.
        }
    }
}
