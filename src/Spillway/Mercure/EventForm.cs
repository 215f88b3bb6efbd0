using System.Globalization;
using System.Text.Unicode;
using Spillway.Events;
using Spillway.Ingress;
using Spillway.Mercure.Tokens;
using Spillway.Problems;

namespace Spillway.Mercure;

/// <summary>Reads the event that a publisher sends: the fields of Mercure's form, and those of the hub that Mercure lacks.</summary>
/// <param name="matchers">What names of topics may hold.</param>
/// <param name="reserved">Which topics are the hub's own.</param>
internal sealed class EventForm(MatcherReader matchers, ReservedTopics reserved)
{
    private readonly List<string> _topics = [];
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);
    private byte[] _payload = [];
    private string? _id;
    private string? _type;
    private string? _key;
    private TimeSpan? _retry;
    private TimeSpan? _ttl;
    private EventPriority? _priority;
    private bool _isPrivate;

    /// <summary>The id that the publisher gave it; null: none.</summary>
    public string? Id => _id;

    /// <summary>Its topics, the canonical one first.</summary>
    public IReadOnlyList<string> Topics => _topics;

    /// <summary>Reads a form; a problem if something in it is not good (P2, P3, P6).</summary>
    public Problem? Read(ReadOnlySpan<byte> form)
    {
        for (var fields = new FormFields(form); fields.Read();)
        {
            var problem = fields.Name switch
            {
                "topic" => AddTopic(fields.Text),
                "data" => Once("data") ?? SetPayload(fields.Value),
                "private" => SetPrivate(),
                "id" => Once("id") ?? SetId(fields.Text),
                "type" => Once("type") ?? SetType(fields.Text),
                "retry" => Once("retry") ?? SetRetry(fields.Text),
                "key" => Once("key") ?? SetText("key", fields.Text, ref _key),
                "priority" => Once("priority") ?? SetPriority(fields.Text),
                "ttl" => Once("ttl") ?? SetTtl(fields.Text),
                _ => null,
            };
            if (problem is not null)
            {
                return problem;
            }
        }

        return _topics.Count > 0 ? null : Problem.InvalidEvent("topic", null, "The event names no topic; send the field topic, once or more: the first is the canonical one.");
    }

    /// <summary>The event that it is.</summary>
    public PushEvent ToEvent() => new()
    {
        Topic = _topics[0],
        Alternates = _topics[1..],
        Payload = _payload,
        Private = _isPrivate,
        Id = _id,
        Type = string.IsNullOrEmpty(_type) ? null : _type,
        Retry = _retry,
        Key = _key,
        Priority = _priority,
        Ttl = _ttl,
    };

    private Problem? AddTopic(string? text)
    {
        if (_topics.Count > EventValidator.MaxAlternates)
        {
            return Problem.InvalidEvent("topic", text, $"The event names more than {1 + EventValidator.MaxAlternates} topics; publish it to fewer, or several times.");
        }

        var fault = text is null ? "is not valid UTF-8" : text == MatcherReader.Everything ? "stands for every topic, and is none" : matchers.FindFault(text);
        if (fault is null && reserved.Has(text!))
        {
            fault = "is below the address of the hub, where only the hub itself publishes";
        }

        if (fault is not null)
        {
            return Problem.InvalidTopic("topic", text ?? "", fault);
        }

        _topics.Add(text!);
        return null;
    }

    private Problem? SetPayload(byte[] value)
    {
        _payload = value;
        return Utf8.IsValid(value) ? null : NotText("data");
    }

    private Problem? SetPrivate()
    {
        _isPrivate = true; // Whatever stands behind it: P3.
        return null;
    }

    private Problem? SetId(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return text is null ? NotText("id") : null; // An empty field is how some clients say none.
        }

        _id = text;
        var fault = text.AsSpan().ContainsAnyExceptInRange('!', '~') ? "holds something else than printable ASCII, which headers of HTTP could not carry"
            : text[0] == '#' ? "begins with \"#\", as only the hub's own ids do" : text == "earliest" ? "stands for the beginning of history" : null;
        return fault is null ? null : Problem.InvalidEvent("id", text, $"id \"{Problem.Cut(text)}\" {fault}; choose another, or leave it to the hub.");
    }

    private Problem? SetType(string? text)
    {
        _type = text;
        return text is null ? NotText("type")
            : text == Publisher.HubType ? Problem.InvalidEvent("type", text, $"type \"{text}\" is of what the hub itself publishes; choose another name.")
            : MatcherReader.FindForbidden(text) is not { } fault ? null
            : Problem.InvalidEvent("type", text, $"type \"{Problem.Cut(text)}\" {fault}; choose another name.");
    }

    private Problem? SetRetry(string? text)
    {
        if (text is null || text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('0', '9') || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            return Problem.InvalidEvent("retry", text, $"retry \"{Problem.Cut(text ?? "")}\" is no number of milliseconds up to {int.MaxValue}; send digits alone, or leave it out.");
        }

        _retry = TimeSpan.FromMilliseconds(milliseconds);
        return null;
    }

    private Problem? SetPriority(string? text) => text is not null && EventWords.TryParsePriority(text, out _priority) ? null : EventWords.BadPriority("priority", text ?? "");

    private Problem? SetTtl(string? text) => text is not null && EventWords.TryParseTtl(text, out _ttl) ? null : EventWords.BadTtl("ttl", text ?? "");

    private static Problem? SetText(string field, string? text, ref string? value)
    {
        value = text;
        return text is null ? NotText(field) : null;
    }

    private Problem? Once(string field) => _given.Add(field) ? null : Problem.InvalidEvent(field, null, $"{field} is given twice; send it once.");

    private static Problem NotText(string field) => Problem.InvalidEvent(field, null, $"{field} is not valid UTF-8, which a form has to be.");
}
