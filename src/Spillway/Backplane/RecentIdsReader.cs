using Spillway.Events;
using Spillway.History;

namespace Spillway.Backplane;

/// <summary>Fills the memory of ids from the end of history, once at the start.</summary>
internal static class RecentIdsReader
{
    private const int PageBytes = 1024 * 1024;

    /// <summary>How much further back than the ids kept it looks: not every event has one.</summary>
    private const int EventsPerId = 16;

    /// <summary>Reads what may still be remembered at <paramref name="now"/>, and returns the time of the newest event, or 0.</summary>
    /// <remarks>Records do not name their publisher: what is read are the ids of the empty one.</remarks>
    public static long Read(RecentIds ids, IHistory history, DedupOptions options, long now)
    {
        var selectors = SelectorSet.Everything;
        var after = Math.Max(
            history.FindSince(now - (long)options.Window.TotalMilliseconds),
            history.FindLast(selectors, (int)Math.Min(options.Keys * (long)EventsPerId, int.MaxValue)));
        var time = 0L;
        for (var head = history.Head; after < head;)
        {
            var page = history.Read(selectors, after, head, PageBytes);
            for (var rest = page.Records.Span; !rest.IsEmpty; rest = rest[EventRecord.LengthAt(rest)..])
            {
                var record = new EventRecord(rest[..EventRecord.LengthAt(rest)]);
                time = Math.Max(time, record.Time);
                if (!record.Id.IsEmpty && RecordId.Of([], record) is var id && !ids.TryFind(id.Key, out _, out _))
                {
                    ids.Add(id, record.Offset, time);
                    ids.Trim();
                }
            }

            after = page.To;
        }

        return time;
    }
}
