using Spillway.Events;

namespace Spillway.Cli.History;

/// <summary>Goes through whole records that stand one behind the other.</summary>
internal static class Records
{
    public static long Count(ReadOnlySpan<byte> records)
    {
        var count = 0L;
        for (; !records.IsEmpty; records = records[EventRecord.LengthAt(records)..])
        {
            count++;
        }

        return count;
    }

    public static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> records)
    {
        while (!records.IsEmpty)
        {
            var length = EventRecord.LengthAt(records.Span);
            yield return records[..length];
            records = records[length..];
        }
    }
}
