using System.Buffers;
using Spillway.Events;

namespace Spillway.TestKit;

/// <summary>Makes the records of events as they stand in history and in the window.</summary>
internal static class Records
{
    /// <summary>2026-01-31T08:00:00.123Z.</summary>
    public const long Time = 1_769_846_400_123;

    /// <summary>The stamped record of one event.</summary>
    public static byte[] Make(PushEvent source, long offset, long time = Time, EventFlags extraFlags = EventFlags.None, uint ephemeralNumber = 0, TopicRule? rule = null)
    {
        var output = new ArrayBufferWriter<byte>();
        EventRecordWriter.Write(source, extraFlags, output, rule);
        var record = output.WrittenSpan.ToArray();
        EventRecordWriter.Stamp(record, offset, time, ephemeralNumber);
        return record;
    }
}
