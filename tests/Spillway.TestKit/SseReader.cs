using System.Runtime.CompilerServices;
using System.Text;

namespace Spillway.TestKit;

/// <summary>
/// Reads an event stream exactly as the WHATWG HTML Living Standard asks (server-sent events, "Interpreting an event stream"), in whatever pieces it comes.
/// The oracle for our writers: keep it plain, and close to the standard's words.
/// </summary>
internal sealed class SseReader
{
    private readonly Decoder _decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false).GetDecoder();
    private readonly StringBuilder _line = new();
    private readonly StringBuilder _data = new();
    private readonly List<string> _comments = [];
    private string _type = "";
    private string _lastEventIdBuffer = "";
    private bool _begun;
    private bool _afterCarriageReturn;

    /// <summary>The id that a reconnection would send: the last block's, whether it was dispatched or not.</summary>
    public string LastEventId { get; private set; } = "";

    /// <summary>The reconnection time in milliseconds; null as long as the stream has not set it.</summary>
    public long? Retry { get; private set; }

    /// <summary>Comments without their colon. The standard ignores them; tests look at keep-alives.</summary>
    public IReadOnlyList<string> Comments => _comments;

    /// <summary>Blank lines so far. Some clients call their handler at each, data or not.</summary>
    public int BlankLines { get; private set; }

    /// <summary>Reads a whole stream.</summary>
    public static IReadOnlyList<SseEvent> Parse(ReadOnlySpan<byte> bytes) => new SseReader().Feed(bytes);

    /// <summary>Takes the next bytes and returns the events that they complete. What is pending at the end of a stream is never dispatched.</summary>
    public IReadOnlyList<SseEvent> Feed(ReadOnlySpan<byte> bytes)
    {
        var text = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        var count = _decoder.GetChars(bytes, text, flush: false);
        var events = new List<SseEvent>();
        foreach (var c in text.AsSpan(0, count))
        {
            Accept(c, events);
        }

        return events;
    }

    /// <summary>Reads a response until it ends.</summary>
    public async IAsyncEnumerable<SseEvent> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        int length;
        while ((length = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            foreach (var sseEvent in Feed(buffer.AsSpan(0, length)))
            {
                yield return sseEvent;
            }
        }
    }

    private void Accept(char c, List<SseEvent> events)
    {
        var first = !_begun;
        _begun = true;
        if (first && c == '\uFEFF')
        {
            return; // One leading byte order mark is stripped, no other.
        }

        var secondHalf = _afterCarriageReturn && c == '\n';
        _afterCarriageReturn = c == '\r';
        if (secondHalf)
        {
            return; // CRLF is one line end; its CR has already ended the line.
        }

        if (c is '\r' or '\n')
        {
            EndLine(events);
            return;
        }

        _line.Append(c);
    }

    private void EndLine(List<SseEvent> events)
    {
        var line = _line.ToString();
        _line.Clear();
        var colon = line.IndexOf(':');
        if (line.Length == 0)
        {
            BlankLines++;
            Dispatch(events);
        }
        else if (colon == 0)
        {
            _comments.Add(line[1..]);
        }
        else if (colon < 0)
        {
            ProcessField(line, "");
        }
        else
        {
            var value = line[(colon + 1)..];
            ProcessField(line[..colon], value.StartsWith(' ') ? value[1..] : value);
        }
    }

    private void ProcessField(string name, string value)
    {
        switch (name)
        {
            case "event":
                _type = value;
                break;
            case "data":
                _data.Append(value).Append('\n');
                break;
            case "id" when !value.Contains('\0'):
                _lastEventIdBuffer = value;
                break;
            case "retry" when value.Length > 0 && value.All(char.IsAsciiDigit):
                Retry = long.TryParse(value, out var milliseconds) ? milliseconds : long.MaxValue;
                break;
        }
    }

    private void Dispatch(List<SseEvent> events)
    {
        LastEventId = _lastEventIdBuffer; // It is not reset: the next block has it too unless it sets another.
        if (_data.Length > 0)
        {
            _data.Length--;
            events.Add(new SseEvent(_type.Length == 0 ? "message" : _type, _data.ToString(), LastEventId));
        }

        _data.Clear();
        _type = "";
    }
}
