using System.Globalization;
using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Transports.Sse;

/// <summary>A subscription while its parameters come in, from a query or from a body; the rules for both stand here once.</summary>
/// <param name="maxSelectors">The most topics and patterns.</param>
/// <param name="selectorOption">The option that says so.</param>
/// <param name="polling">What a poll may ask for; null: the request is for a stream.</param>
internal sealed class SubscriptionDraft(int maxSelectors, string selectorOption, LimitOptions limits, DateTimeOffset now, PollingOptions? polling = null)
{
    /// <summary>The longest cursor of the protocol. Of a longer Last-Event-ID, which is not ours, this much is kept to name it.</summary>
    public const int MaxCursorLength = 64;

    private readonly List<string> _topics = new(1);
    private HashSet<string>? _manyTopics; // Made for the second topic: most subscriptions have one, and a storm of them has many.
    private Dictionary<string, TopicPattern>? _patterns;
    private HashSet<string>? _given;
    private WireFormat _format = WireFormat.SseRaw;
    private bool _signals = true;
    private bool _latest;
    private TimeSpan? _batch;
    private TimeSpan? _wait;
    private int? _max;
    private string? _startField;
    private StartKind _start = StartKind.Now;
    private string _cursor = "";
    private long _since;
    private int _last;

    private int Count => _topics.Count + (_patterns?.Count ?? 0);

    public Problem? AddTopic(string field, string name)
    {
        if (!Topic.TryValidate(name, out var fault))
        {
            return Problem.InvalidTopic(field, name, fault);
        }

        if (_topics.Count > 0)
        {
            _manyTopics ??= new HashSet<string>(_topics, StringComparer.Ordinal);
            if (!_manyTopics.Add(name))
            {
                return null;
            }
        }

        _topics.Add(name);
        return CheckCount(field, name);
    }

    public Problem? AddPattern(string field, string text)
    {
        if (!TopicPattern.TryParse(text, out var pattern, out var fault))
        {
            return Problem.InvalidTopic(field, text, fault);
        }

        _patterns ??= new Dictionary<string, TopicPattern>(StringComparer.Ordinal);
        return _patterns.TryAdd(text, pattern!) ? CheckCount(field, text) : null;
    }

    /// <summary>Takes a parameter that may be given once; null if it is good.</summary>
    public Problem? Set(string field, string value)
    {
        _given ??= new HashSet<string>(StringComparer.Ordinal);
        if (!_given.Add(field))
        {
            return Problem.InvalidParameter(field, value, $"{field} is given twice; send it once.");
        }

        return field switch
        {
            "format" => SetFormat(value),
            "signals" => SetSignals(value),
            "cursor" => SetCursor(value),
            "since" => SetSince(value),
            "last" => SetLast(value),
            "earliest" => SetFlag(field, value, StartKind.Earliest),
            "snapshot" => SetFlag(field, value, StartKind.Snapshot),
            "latest" => SetLatest(value),
            "batch" => SetBatch(value),
            "wait" or "max" when polling is null => Problem.InvalidParameter(field, value, $"{field} is for polls, and this request is not one; send it with Accept: application/json, or leave {field} out."),
            "wait" => SetWait(value, polling),
            "max" => SetMax(value, polling),
            _ => throw new ArgumentException($"\"{field}\" is no parameter of a subscription.", nameof(field)),
        };
    }

    /// <summary>The finished request; null and a problem if something is missing.</summary>
    /// <param name="topicField">How this request names its topics.</param>
    /// <param name="lastEventId">The header, which wins over every starting point. Empty: none.</param>
    public SubscriptionRequest? Build(string topicField, string lastEventId, out Problem? problem)
    {
        problem = null;
        if (Count == 0)
        {
            problem = Problem.InvalidParameter(topicField, null, "The subscription names neither a topic nor a pattern; name at least one.");
            return null;
        }

        var topics = new byte[_topics.Count][];
        for (var i = 0; i < topics.Length; i++)
        {
            topics[i] = Encoding.UTF8.GetBytes(_topics[i]);
        }

        var format = polling is null ? _format : WireFormat.Poll;
        var request = new SubscriptionRequest(new SelectorSet(topics, _patterns is null ? [] : [.. _patterns.Values]), format, _signals)
        {
            Poll = polling is null ? null : new Poll(new Room(_max ?? polling.Events, polling.Bytes), _wait ?? polling.Wait),
            Latest = _latest,
            Batch = _batch,
            Start = _start,
            Cursor = _cursor,
            Since = _since,
            Last = _last,
        };
        return lastEventId.Length == 0 ? request : request with { Start = StartKind.Cursor, Cursor = Cut(lastEventId), Since = 0, Last = 0 };
    }

    private static string Cut(string cursor) => cursor.Length <= MaxCursorLength ? cursor : cursor[..MaxCursorLength];

    private Problem? CheckCount(string field, string value)
    {
        if (Count <= maxSelectors)
        {
            return null;
        }

        var detail = $"The subscription names more topics and patterns than the {maxSelectors} that {selectorOption} allows; use patterns, divide it"
            + (selectorOption == SubscriptionQuery.SelectorOption ? ", or send it as the body of POST …/subscribe." : ", or raise the option.");
        return Problem.InvalidParameter(field, value, detail) with { Option = selectorOption, Limit = maxSelectors };
    }

    private Problem? SetFormat(string value)
    {
        switch (value)
        {
            case "raw":
                _format = WireFormat.SseRaw;
                return null;
            case "json":
                _format = WireFormat.SseJson;
                return null;
            default:
                return Problem.InvalidParameter("format", value, $"format \"{Problem.Cut(value)}\" is not known; send raw or json.");
        }
    }

    private Problem? SetSignals(string value)
    {
        _signals = value == "on";
        return value is "on" or "off" ? null : Problem.InvalidParameter("signals", value, $"signals \"{Problem.Cut(value)}\" is not known; send on or off.");
    }

    private Problem? SetCursor(string value)
    {
        if (value.Length > MaxCursorLength || !CursorCodec.HasForm(value))
        {
            return Problem.InvalidParameter(
                "cursor", value, $"cursor \"{Problem.Cut(value)}\" is not a cursor of this protocol; send one that a hub gave you, as it was, or begin with earliest.");
        }

        _cursor = value;
        return SetStart("cursor", value, StartKind.Cursor);
    }

    private Problem? SetSince(string value)
    {
        if (Timestamp.TryParse(value, out _since))
        {
            return SetStart("since", value, StartKind.Since);
        }

        if (Duration.TryParse(value, out var age))
        {
            _since = now.ToUnixTimeMilliseconds() - (long)age.TotalMilliseconds;
            return SetStart("since", value, StartKind.Since);
        }

        var detail = $"since \"{Problem.Cut(value)}\" is neither a time like 2026-01-31T08:00:00Z nor a duration like 90s, 15m or 1.5h";
        return Problem.InvalidParameter("since", value, detail + (value.Contains(' ') ? "; in a query write \"+\" as %2B." : "; send one of these."));
    }

    private Problem? SetLast(string value)
    {
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _last) || _last < 1 || _last > limits.LastEvents)
        {
            const string Option = "Limits:LastEvents";
            var detail = $"last \"{Problem.Cut(value)}\" is not a number from 1 to {limits.LastEvents} ({Option}); send one, or use since.";
            return Problem.InvalidParameter("last", value, detail) with { Option = Option, Limit = limits.LastEvents };
        }

        return SetStart("last", value, StartKind.Last);
    }

    private Problem? SetLatest(string value) => ReadFlag("latest", value, out _latest);

    private Problem? SetBatch(string value)
    {
        if (Duration.TryParse(value, out var interval) && interval >= SubscriptionRequest.ShortestBatch && interval <= limits.SubscriptionBatch)
        {
            _batch = interval;
            return null;
        }

        const string Option = "Limits:SubscriptionBatch";
        var (least, most) = ((long)SubscriptionRequest.ShortestBatch.TotalMilliseconds, (long)limits.SubscriptionBatch.TotalMilliseconds);
        var detail = $"batch \"{Problem.Cut(value)}\" is not a duration from {least}ms to {most}ms ({Option}) like 200ms; send one, or leave it out.";
        return Problem.InvalidParameter("batch", value, detail) with { Option = Option, Limit = most };
    }

    private Problem? SetWait(string value, PollingOptions bounds)
    {
        if (Duration.TryParse(value, out var wait) && wait <= bounds.MaxWait)
        {
            _wait = wait;
            return null;
        }

        const string Option = "Polling:MaxWait";
        var most = (long)bounds.MaxWait.TotalSeconds;
        return Problem.InvalidParameter("wait", value, $"wait \"{Problem.Cut(value)}\" is not a duration from 0 to {most} s ({Option}) like 25 or 500ms; send one, or leave it out.") with { Option = Option, Limit = most };
    }

    private Problem? SetMax(string value, PollingOptions bounds)
    {
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var max) && max >= 1 && max <= bounds.Events)
        {
            _max = max;
            return null;
        }

        const string Option = "Polling:Events";
        return Problem.InvalidParameter("max", value, $"max \"{Problem.Cut(value)}\" is not a number from 1 to {bounds.Events} ({Option}); send one, or leave it out.") with { Option = Option, Limit = bounds.Events };
    }

    private Problem? SetFlag(string field, string value, StartKind start) =>
        ReadFlag(field, value, out var isOn) ?? (isOn ? SetStart(field, value, start) : null);

    private static Problem? ReadFlag(string field, string value, out bool isOn)
    {
        isOn = value is "" or "true" or "1";
        return isOn || value is "false" or "0"
            ? null
            : Problem.InvalidParameter(field, value, $"{field} \"{Problem.Cut(value)}\" is not a flag's value; send true or false, or leave the value out.");
    }

    private Problem? SetStart(string field, string value, StartKind start)
    {
        if (_startField is { } other)
        {
            return Problem.InvalidParameter(field, value, $"{other} and {field} both say where to begin; send one of them.");
        }

        (_startField, _start) = (field, start);
        return null;
    }
}
