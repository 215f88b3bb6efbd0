using System.Text;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Hub;

/// <summary>Turns a page of history into what the host reads, one item after the other.</summary>
internal sealed class HistoryItems(ulong epoch, CursorCodec cursors)
{
    private ReadOnlyMemory<byte> _rest;
    private HistoryGap? _missing;
    private long _passed; // The offset behind the last item, or behind events that need no telling.
    private long _now;

    /// <summary>Begins a page, as seen at a time in milliseconds since 1970.</summary>
    public void Begin(HistoryPage page, long now)
    {
        (_rest, _missing, _passed, _now) = (page.Records, page.Missing, page.From, now);
    }

    /// <summary>The next event or gap; null at the end of the page.</summary>
    public ReadEvent? Next()
    {
        if (_missing is { } missing)
        {
            _missing = null;
            _passed = missing.To;
            if (missing.Count != 0)
            {
                return Gap(missing.From, missing.To, missing.Corrupt ? ReadGapReason.Corrupt : ReadGapReason.Retention, missing.Count);
            }
        }

        var (from, expired) = (_passed, 0);
        while (!_rest.IsEmpty)
        {
            var length = EventRecord.LengthAt(_rest.Span);
            var record = new EventRecord(_rest.Span[..length]);
            var isMarker = (record.Flags & EventFlags.Marker) != 0;
            var isExpired = !isMarker && record.TtlMilliseconds > 0 && record.Time + record.TtlMilliseconds < _now;
            if (!isMarker && !isExpired && expired > 0)
            {
                break; // The gap first.
            }

            _rest = _rest[length..];
            _passed = record.Offset;
            expired += isExpired ? 1 : 0;
            if (!isMarker && !isExpired)
            {
                return new ReadEvent(cursors.TextOf(record, epoch), DateTimeOffset.FromUnixTimeMilliseconds(record.Time), Decode(record));
            }
        }

        return expired > 0 ? Gap(from, _passed, ReadGapReason.Expired, expired) : null;
    }

    /// <summary>The gap that a cursor of another history stands for.</summary>
    public ReadEvent Lost(string cursor, long oldest, long now)
    {
        _now = now;
        return new ReadEvent(At(oldest), Now, null, new ReadGap(cursor, At(oldest), ReadGapReason.Lost, null));
    }

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(_now);

    private static PushEvent Decode(in EventRecord record)
    {
        List<string>? alternates = null;
        foreach (var alternate in record.Alternates)
        {
            (alternates ??= []).Add(Encoding.UTF8.GetString(alternate));
        }

        return new PushEvent
        {
            Topic = Encoding.UTF8.GetString(record.Topic),
            Alternates = alternates ?? (IReadOnlyList<string>)[],
            Type = TextOf(record.Type),
            Payload = record.Payload.ToArray(), // Not a part of the page: an event that the host keeps would keep all of it.
            ContentType = TextOf(record.ContentType),
            Key = TextOf(record.Key),
            Priority = record.Priority,
            Ttl = record.TtlMilliseconds == 0 ? null : TimeSpan.FromMilliseconds(record.TtlMilliseconds),
            Private = (record.Flags & EventFlags.Private) != 0,
            Final = (record.Flags & EventFlags.Final) != 0,
            Id = TextOf(ScopedId.WithoutMark(record.Id)),
            TraceParent = TextOf(record.TraceParent),
        };
    }

    private static string? TextOf(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Encoding.UTF8.GetString(utf8);

    private string At(long offset) => cursors.TextOf(new Position(epoch, offset));

    private ReadEvent Gap(long from, long to, ReadGapReason reason, long? count) => new(At(to), Now, null, new ReadGap(At(from), At(to), reason, count));
}
