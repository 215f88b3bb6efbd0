using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Turns a page's records into a connection's bytes, and leaves out what it does not get. One reader's.</summary>
internal sealed class PageEncoder(IWireEncoder[] encoders, RuleBook rules, ulong epoch)
{
    private readonly Dictionary<UInt128, long> _latest = []; // Of a page: at most as many as it has events.
    private TopicRules _current = rules.Current; // Read once a page: an event is judged twice, and must be judged alike.

    public void Encode(EncodedPage page, ReplayRequest request, ReadOnlySpan<byte> records, long now)
    {
        _current = rules.Current;
        FindLatest(request, records);
        var encoder = encoders[(int)request.Format];
        while (!records.IsEmpty)
        {
            var length = EventRecord.LengthAt(records);
            var record = new EventRecord(records[..length]);
            records = records[length..];
            if (request.Room?.Events <= page.Events.Count)
            {
                CutShort(page, record);
                return;
            }

            if (!request.OnlyCut && IsLeftOut(page, request, record, now))
            {
                if (page.IsRefused)
                {
                    page.To = record.Offset - 1;
                    return;
                }

                continue;
            }

            var before = page.Output.WrittenCount;
            encoder.WriteEvent(record, epoch, page.Output);
            if (request.Room?.Has(page.Events.Count, before, page.Output.WrittenCount - before) == false)
            {
                CutShort(page, record);
                return;
            }

            page.Events.Add((record.Offset, page.Output.WrittenCount));
            if (record.TtlMilliseconds > 0)
            {
                page.ExpiresAt = Math.Min(page.ExpiresAt, record.Time + record.TtlMilliseconds);
            }
        }
    }

    private static void CutShort(EncodedPage page, in EventRecord before) => (page.To, page.IsCutShort) = (before.Offset - 1, true);

    private bool IsLeftOut(EncodedPage page, ReplayRequest request, in EventRecord record, long now)
    {
        var fate = FateOf(request, record, out var rule);
        if (fate != Fate.Told && record.TtlMilliseconds > 0 && record.Time + record.TtlMilliseconds < now)
        {
            page.Expired += request.ToldExpired.HasRecorded(record.Offset, record.Time + record.TtlMilliseconds) ? 0 : 1;
            (page.LastExpired, page.Time) = (record.Offset, now);
            return true;
        }

        switch (fate)
        {
            case Fate.Untold:
                page.GivenUp.Add((record.Offset, request.Plan!.PolicyOf(rule!)));
                return true;
            case Fate.Superseded when _latest[ConflationKey.Of(record)] > record.Offset:
                page.Superseded.Add(record.Offset);
                return true;
            case Fate.Refused:
                page.IsRefused = true;
                return true;
            default:
                return fate == Fate.Told;
        }
    }

    private Fate FateOf(ReplayRequest request, in EventRecord record, out TopicRule? rule)
    {
        rule = null;
        if (request.Plan is not { } plan)
        {
            return Fate.Sent;
        }

        rule = _current.For(record.Topic);
        var index = rules.At(record.Offset)?.IndexFor(record.Topic) ?? -1; // The plan's, if it is still known: that of when the event came.
        return plan.OfRecorded(record.Offset, rule, index, record.Flags);
    }

    private void FindLatest(ReplayRequest request, ReadOnlySpan<byte> records)
    {
        _latest.Clear();
        if (request.Plan is null || request.OnlyCut)
        {
            return;
        }

        while (!records.IsEmpty)
        {
            var length = EventRecord.LengthAt(records);
            var record = new EventRecord(records[..length]);
            records = records[length..];
            if (FateOf(request, record, out _) == Fate.Superseded)
            {
                _latest[ConflationKey.Of(record)] = record.Offset;
            }
        }
    }
}
