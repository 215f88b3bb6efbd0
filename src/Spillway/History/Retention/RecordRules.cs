using Spillway.Events;

namespace Spillway.History.Retention;

/// <summary>Says which rule each record of a segment belongs to, from the index: only where an alternate topic is another rule's, the record itself is asked.</summary>
internal static class RecordRules
{
    /// <summary>The rules of the first <paramref name="count"/> records.</summary>
    public static byte[] Find(ISegmentRecords records, int count, RetentionRules rules)
    {
        var index = records.Index;
        var cells = index.Postings.Cells;
        var found = new byte[count]; // One higher; 0 is none yet. There are at most 255.
        var unclear = new SortedSet<int>();
        for (var number = 0; number < index.Topics.Count; number++)
        {
            var rule = (byte)(rules.IndexFor(index.Topics.NameOf(number)) + 1);
            for (var cursor = new PostingCursor(index.Topics[number].FirstSlice); cursor.Current(cells) is var ordinal && ordinal < count; cursor.Advance(cells))
            {
                if (found[ordinal] != 0 && found[ordinal] != rule)
                {
                    unclear.Add(ordinal);
                }

                found[ordinal] = rule;
            }
        }

        foreach (var ordinal in unclear)
        {
            Ask(records, ordinal, rules, found);
        }

        for (var ordinal = 0; ordinal < count; ordinal++)
        {
            found[ordinal]--;
        }

        return found;
    }

    private static void Ask(ISegmentRecords records, int ordinal, RetentionRules rules, byte[] found)
    {
        var bytes = new byte[records.EndOf(ordinal) - records.StartOf(ordinal)];
        try
        {
            records.Read(ordinal, ordinal, bytes);
            found[ordinal] = (byte)(rules.IndexFor(new EventRecord(bytes).Topic) + 1);
        }
        catch (DamagedRecordsException)
        {
            // Nobody gets it any more: whose it was does not matter.
        }
    }
}
