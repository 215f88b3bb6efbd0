using System.Globalization;

namespace Spillway.Problems;

/// <summary>What is wrong with a request, for people and for programs: RFC 9457. docs/protocol.md lists the names.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Name">What follows <c>urn:spillway:problem:</c> in its type.</param>
/// <param name="Title">The kind of problem, in a few words that are always the same for a name.</param>
/// <param name="Detail">What happened, with which value, and what to do.</param>
internal sealed record Problem(int Status, string Name, string Title, string Detail)
{
    public const string TypePrefix = "urn:spillway:problem:";

    private const int MaxValueLength = 100;

    private readonly string? _value;

    /// <summary>The member, header or parameter at fault.</summary>
    public string? Field { get; init; }

    /// <summary>What it held, cut to 100 characters.</summary>
    public string? Value
    {
        get => _value;
        init => _value = value is null ? null : Cut(value);
    }

    /// <summary>Which event of an array, counted from 0.</summary>
    public int? Index { get; init; }

    /// <summary>The option that was exceeded, as it is spelt in configuration.</summary>
    public string? Option { get; init; }

    /// <summary>The value of <see cref="Option"/>.</summary>
    public long? Limit { get; init; }

    /// <summary>The header <c>Retry-After</c>.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The header <c>Allow</c>.</summary>
    public string? Allow { get; init; }

    /// <summary>The header <c>WWW-Authenticate</c>.</summary>
    public string? Challenge { get; init; }

    /// <summary>Where access was refused: why, and to whom; for counters and logs, and told nobody. Null for every other problem.</summary>
    public AccessNote? Access { get; init; }

    public static Problem InvalidJson(string detail) => new(400, "invalid-json", "Invalid JSON", detail);

    public static Problem InvalidEvent(string field, string? value, string detail) =>
        new(400, "invalid-event", "Invalid event", detail) { Field = field, Value = value };

    /// <summary>A bad name; <paramref name="fault"/> ends a sentence that begins with it.</summary>
    public static Problem InvalidTopic(string field, string name, string fault) =>
        new(400, "invalid-topic", "Invalid topic", $"{field} \"{Cut(name)}\" {fault}.") { Field = field, Value = name };

    public static Problem InvalidParameter(string field, string? value, string detail) =>
        new(400, "invalid-parameter", "Invalid parameter", detail) { Field = field, Value = value };

    /// <summary>A body that HTTP cannot delimit, or that ends too early. The server's own words say how.</summary>
    public static Problem BrokenBody(string fault) =>
        new(400, "broken-body", "The body is broken", $"The body could not be read to its end: {fault} Send as many bytes as Content-Length says, or whole chunks and the last one.") { Field = "body" };

    public static Problem OpenHub(string detail) => new(403, "open-hub", "The hub is open", detail);

    public static Problem NotFound(string path) =>
        new(404, "not-found", "Not found", $"There is nothing at \"{Cut(path)}\"; docs/protocol.md lists the paths of a hub.");

    /// <summary>For operators, who may know which connections there are.</summary>
    public static Problem UnknownConnection(string id) => new(
        404, "unknown-connection", "No such connection", $"There is no connection \"{Cut(id)}\", or it has ended; GET /admin/connections lists those that there are.")
    {
        Field = "connection",
        Value = id,
    };

    /// <param name="allow">The methods that there are, as the header <c>Allow</c> lists them.</param>
    public static Problem MethodNotAllowed(string method, string path, string allow) =>
        new(405, "method-not-allowed", "Method not allowed", $"\"{Cut(path)}\" does not take {Cut(method)}; use {allow}.") { Allow = allow };

    public static Problem NotAcceptable(string? accept, string offered) =>
        new(406, "not-acceptable", "Not acceptable", $"No transport answers Accept \"{Cut(accept ?? "")}\"; ask for {offered}.")
        {
            Field = "Accept",
            Value = accept,
        };

    public static Problem SlowBody() =>
        new(408, "slow-body", "The body came too slowly", "The body came more slowly than the server's MinRequestBodyDataRate allows (by default 240 bytes a second, after 5 s); send it at once, or stream events as application/x-ndjson.") { Field = "body" };

    public static Problem StreamIdle(TimeSpan limit) => new(
        408, "stream-idle", "The stream was idle", $"No line came to its end for {limit.TotalSeconds} s, which is what Limits:PublishIdle allows; send the rest as another request.")
    {
        Option = "Limits:PublishIdle",
        Limit = (long)limit.TotalSeconds,
    };

    public static Problem TopicEnded(string detail) => new(409, "topic-ended", "The topic has ended", detail);

    public static Problem EventTooLarge(long bytes, int limit) => TooLarge(
        "event-too-large", "The event is too large", $"The event takes {Number(bytes)} bytes", "Limits:EventBytes", limit, "shorten it, or publish a link to its payload");

    public static Problem BatchTooLarge(string what, string option, long limit) =>
        TooLarge("batch-too-large", "The batch is too large", what, option, limit, "divide it");

    public static Problem BodyTooLarge(string option, long limit) =>
        TooLarge("body-too-large", "The body is too large", "The body is larger than the limit", option, limit, "divide it, or stream it as application/x-ndjson");

    public static Problem UnsupportedMediaType(string field, string? value, string taken) => new(
        415, "unsupported-media-type", "Unsupported media type", $"{field} \"{Cut(value ?? "")}\" is not taken here; send {taken}.")
    {
        Field = field,
        Value = value,
    };

    public static Problem IdReused(string detail) =>
        new(422, "id-reused", "The id was used for another event", detail) { Field = "id" };

    public static Problem Overloaded(string detail) =>
        new(503, "overloaded", "The hub is overloaded", detail) { RetryAfterSeconds = 1 };

    /// <summary>What a subscription asks for is not known yet.</summary>
    public static Problem Starting(int retryAfterSeconds) => Overloaded(
        $"The hub has just started, and is still reading the ids that publishers gave before; come back in {retryAfterSeconds} s, or continue behind one of the hub's own.") with
    {
        RetryAfterSeconds = retryAfterSeconds,
    };

    /// <summary>No further subscription is taken.</summary>
    public static Problem Full(LimitOptions limits, int retryAfterSeconds) => Overloaded(
        $"The hub takes no more subscriptions: it has reached Limits:Connections ({limits.Connections}) or Limits:Topics ({limits.Topics}), or is stopping; come back in {retryAfterSeconds} s.") with
    {
        RetryAfterSeconds = retryAfterSeconds,
    };

    public static Problem Unavailable(string detail) => new(503, "unavailable", "No answer for now", detail) { RetryAfterSeconds = 1 };

    /// <summary>501, as RFC 9220, section 3, has it for a protocol that a server does not speak.</summary>
    public static Problem TransportOff(string detail) => new(501, "transport-off", "The transport is off", detail);

    public static Problem ShuttingDown() =>
        new(503, "shutting-down", "The hub is shutting down", "Nothing was added; try again when the hub is back.") { RetryAfterSeconds = 2 };

    public static Problem HistoryFailed(string detail) =>
        new(503, "history-failed", "History could not be written", detail) { RetryAfterSeconds = 5 };

    /// <summary>507 of RFC 4918, section 11.5.</summary>
    public static Problem DiskFull(string detail) => new(507, "disk-full", "No room for history", detail) { RetryAfterSeconds = 5 };

    private static Problem TooLarge(string name, string title, string what, string option, long limit, string remedy) =>
        new(413, name, title, $"{what}; {option} allows {Number(limit)}: {remedy}, or raise the option.") { Option = option, Limit = limit };

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>As much of a value as a problem quotes.</summary>
    public static string Cut(string value)
    {
        if (value.Length <= MaxValueLength)
        {
            return value;
        }

        // Never between the halves of a surrogate pair: it could not be written as UTF-8.
        return value[..(char.IsHighSurrogate(value[MaxValueLength - 1]) ? MaxValueLength - 1 : MaxValueLength)];
    }
}
