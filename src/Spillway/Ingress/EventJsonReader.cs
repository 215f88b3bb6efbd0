using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>
/// Reads events from JSON, straight from the tokens. An event's payload may be a part of the JSON's own memory: it is good for as long as that memory is.
/// <see cref="JsonException"/> leaves it wherever the text is not JSON.
/// </summary>
/// <param name="json">Valid UTF-8: the caller has checked.</param>
internal ref struct EventJsonReader(ReadOnlyMemory<byte> json)
{
    private readonly ReadOnlyMemory<byte> _json = json;
    private Utf8JsonReader _reader = new(json.Span);
    private EventMember _seen;
    private string _field = "";
    private string? _topic;
    private List<string>? _alternates;
    private string? _type;
    private string? _contentType;
    private string? _key;
    private EventPriority? _priority;
    private TimeSpan? _ttl;
    private bool _private;
    private bool _final;
    private string? _id;
    private string? _traceParent;
    private JsonTokenType _payloadToken;
    private ReadOnlyMemory<byte> _payload;
    private bool _payloadEscaped;

    public readonly JsonTokenType TokenType => _reader.TokenType;

    public bool Read() => _reader.Read();

    /// <summary>Reads the event whose first token is the current one.</summary>
    /// <param name="id">Its id, if it names none itself.</param>
    /// <param name="traceParent">Its traceparent, if it names none itself.</param>
    public bool TryReadEvent(string? id, string? traceParent, [NotNullWhen(true)] out PushEvent? source, [NotNullWhen(false)] out Problem? problem)
    {
        source = null;
        Clear();
        try
        {
            problem = ReadMembers();
        }
        catch (InvalidOperationException)
        {
            // All that the reader can still find wrong with a string in valid UTF-8.
            problem = Problem.InvalidEvent(_field, null, $"{_field} holds half a character (an escaped lone surrogate); it must be valid text.");
        }

        if (problem is not null)
        {
            return false;
        }

        source = new PushEvent
        {
            Topic = _topic!,
            Alternates = _alternates ?? (IReadOnlyList<string>)[],
            Type = _type,
            Payload = _payload,
            ContentType = _contentType,
            Key = _key,
            Priority = _priority,
            Ttl = _ttl,
            Private = _private,
            Final = _final,
            Id = _id ?? id,
            TraceParent = _seen.HasFlag(EventMember.TraceParent) ? _traceParent : traceParent,
        };
        return true;
    }

    private void Clear()
    {
        (_seen, _field) = (EventMember.None, "event");
        (_topic, _alternates, _type, _contentType, _key, _id, _traceParent) = (null, null, null, null, null, null, null);
        (_priority, _ttl, _private, _final) = (null, null, false, false);
        (_payloadToken, _payload, _payloadEscaped) = (JsonTokenType.None, default, false);
    }

    private Problem? ReadMembers()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            return Problem.InvalidEvent("event", Raw(), "An event is a JSON object with at least a topic, such as {\"topic\":\"a\",\"payload\":1}.");
        }

        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = EventMembers.Find(ref _reader);
            if (member == EventMember.None)
            {
                _field = "event"; // In case the name itself cannot be read.
                var name = _reader.GetString()!;
                if (name.StartsWith('_'))
                {
                    _reader.Read();
                    _reader.Skip();
                    continue;
                }

                return Problem.InvalidEvent(name, null, $"\"{name}\" is no field of an event; docs/protocol.md, section 1, lists them.");
            }

            _field = EventMembers.NameOf(member);
            if ((_seen & member) != 0)
            {
                return Problem.InvalidEvent(_field, null, $"{_field} comes twice; an event has each field once.");
            }

            _seen |= member;
            _reader.Read();
            if (ReadMember(member) is { } problem)
            {
                return problem;
            }
        }

        return (_seen & EventMember.Topic) == 0
            ? Problem.InvalidEvent("topic", null, "The event has no topic; give it one.")
            : FinishPayload();
    }

    private Problem? ReadMember(EventMember member) => member switch
    {
        EventMember.Topic => ReadText(out _topic),
        EventMember.Alternates => ReadAlternates(),
        EventMember.Type => ReadText(out _type),
        EventMember.ContentType => ReadText(out _contentType),
        EventMember.Key => ReadText(out _key),
        EventMember.Id => ReadText(out _id),
        EventMember.TraceParent => ReadText(out _traceParent),
        EventMember.Priority => ReadPriority(),
        EventMember.Ttl => ReadTtl(),
        EventMember.Private => ReadFlag(out _private),
        EventMember.Final => ReadFlag(out _final),
        EventMember.Payload => ReadPayload(),
        _ => ReadBase64(),
    };

    private Problem? ReadText(out string? text)
    {
        text = null;
        if (_reader.TokenType != JsonTokenType.String)
        {
            return Mistyped("a string");
        }

        text = _reader.GetString();
        return null;
    }

    private Problem? ReadAlternates()
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            return Mistyped("an array of strings");
        }

        _alternates = [];
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            _field = EventFieldNames.Json.Alternate(_alternates.Count);
            if (_alternates.Count == EventValidator.MaxAlternates)
            {
                return Problem.InvalidEvent("alternates", null, $"alternates names more than {EventValidator.MaxAlternates} topics; that is the most allowed.");
            }

            if (ReadText(out var topic) is { } problem)
            {
                return problem;
            }

            _alternates.Add(topic!);
        }

        return null;
    }

    private Problem? ReadPriority()
    {
        if (ReadText(out var text) is { } problem)
        {
            return problem;
        }

        return EventWords.TryParsePriority(text!, out _priority) ? null : EventWords.BadPriority(_field, text!);
    }

    private Problem? ReadTtl()
    {
        if (_reader.TokenType == JsonTokenType.String)
        {
            var text = _reader.GetString()!;
            return EventWords.TryParseTtl(text, out _ttl) ? null : EventWords.BadTtl(_field, text);
        }

        if (_reader.TokenType != JsonTokenType.Number)
        {
            return Mistyped("a number of seconds, or a duration such as \"1.5h\"");
        }

        // Compared before it becomes a TimeSpan, which 1e300 does not fit.
        if (!_reader.TryGetDouble(out var seconds) || !(seconds >= EventValidator.MinTtl.TotalSeconds && seconds <= EventValidator.MaxTtl.TotalSeconds))
        {
            return EventWords.BadTtl(_field, Raw());
        }

        _ttl = TimeSpan.FromSeconds(seconds);
        return null;
    }

    private Problem? ReadFlag(out bool flag)
    {
        flag = _reader.TokenType == JsonTokenType.True;
        return _reader.TokenType is JsonTokenType.True or JsonTokenType.False ? null : Mistyped("true or false");
    }

    private Problem? ReadPayload()
    {
        if ((_seen & EventMember.PayloadBase64) != 0)
        {
            return TwoPayloads();
        }

        var start = (int)_reader.TokenStartIndex;
        (_payloadToken, _payloadEscaped) = (_reader.TokenType, _reader.ValueIsEscaped);
        _reader.Skip();
        _payload = _json[start..(int)_reader.BytesConsumed];
        return null;
    }

    private Problem? ReadBase64()
    {
        if ((_seen & EventMember.Payload) != 0)
        {
            return TwoPayloads();
        }

        if (_reader.TokenType != JsonTokenType.String)
        {
            return Mistyped("a string");
        }

        var text = _reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(_reader.GetString()!) : _reader.ValueSpan;
        return JsonPayload.TryDecodeBase64(text, out _payload)
            ? null
            : Problem.InvalidEvent(_field, Raw(), "payloadBase64 is not base64 with padding and without white space (RFC 4648, section 4).");
    }

    /// <summary>Decides what a payload's bytes are, now that the content type is known, wherever it stood.</summary>
    private Problem? FinishPayload()
    {
        _contentType = string.IsNullOrEmpty(_contentType) ? null : _contentType;
        if ((_seen & EventMember.PayloadBase64) != 0)
        {
            _contentType ??= "application/octet-stream";
        }
        else if (_payloadToken == JsonTokenType.String && !EventWords.IsJson(_contentType))
        {
            _contentType ??= "text/plain; charset=utf-8";
            _field = "payload";
            _payload = _payloadEscaped ? JsonPayload.Unescape(_payload.Span) : _payload[1..^1];
        }
        else if (_payloadToken != JsonTokenType.None)
        {
            _contentType ??= "application/json";
        }

        return null;
    }

    private readonly Problem TwoPayloads() =>
        Problem.InvalidEvent(_field, null, "payload and payloadBase64 are both there; an event has one payload.");

    private readonly Problem Mistyped(string wanted) => Problem.InvalidEvent(_field, Raw(), $"{_field} is {EventWords.Describe(_reader.TokenType)}; give it {wanted}, or leave it out.");

    /// <summary>The current value as it was sent; of an object or an array, its first character.</summary>
    private readonly string Raw()
    {
        var value = _json.Span[(int)_reader.TokenStartIndex..(int)_reader.BytesConsumed];
        return Encoding.UTF8.GetString(value[..Math.Min(value.Length, 400)]); // 100 characters, whatever their length.
    }
}
