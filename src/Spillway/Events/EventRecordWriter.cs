using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Spillway.Events;

/// <summary>Writes events as records. Offset, time and checksum are stamped later, by whoever orders the events.</summary>
internal static class EventRecordWriter
{
    /// <summary>Appends the record of a validated event. What it does not name is the rule's, where there is one.</summary>
    public static void Write(PushEvent source, EventFlags extraFlags, IBufferWriter<byte> output, TopicRule? rule = null)
    {
        var length = Measure(source, rule);
        var record = output.GetSpan(length)[..length];
        record[..EventRecord.HeaderLength].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(length - 4));
        record[24] = (byte)(FlagsOf(source, rule) | extraFlags);
        var at = EventRecord.HeaderLength;
        WriteText(record, ref at, EventRecord.TopicTag, source.Topic);
        foreach (var alternate in source.Alternates)
        {
            WriteText(record, ref at, EventRecord.TopicTag, alternate); // Right behind the canonical topic: the reader relies on it.
        }

        WriteText(record, ref at, EventRecord.TypeTag, source.Type);
        WriteText(record, ref at, EventRecord.ContentTypeTag, source.ContentType);
        WriteText(record, ref at, EventRecord.KeyTag, source.Key);
        WriteText(record, ref at, EventRecord.IdTag, source.Id);
        WriteText(record, ref at, EventRecord.TraceParentTag, source.TraceParent);
        if ((source.Ttl ?? rule?.Ttl) is { } ttl)
        {
            WriteHead(record, ref at, EventRecord.TtlTag, 8);
            BinaryPrimitives.WriteInt64LittleEndian(record[at..], (long)Math.Ceiling(ttl.TotalMilliseconds));
            at += 8;
        }

        if (source.Retry is { } retry)
        {
            WriteHead(record, ref at, EventRecord.RetryTag, 4);
            BinaryPrimitives.WriteUInt32LittleEndian(record[at..], (uint)retry.TotalMilliseconds);
            at += 4;
        }

        if (!source.Payload.IsEmpty)
        {
            WriteHead(record, ref at, EventRecord.PayloadTag, source.Payload.Length);
            source.Payload.Span.CopyTo(record[at..]);
        }

        output.Advance(length);
    }

    /// <summary>Stamps what only the orderer knows.</summary>
    public static void Stamp(Span<byte> record, long offset, long time, uint ephemeralNumber)
    {
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], offset);
        BinaryPrimitives.WriteInt64LittleEndian(record[16..], time);
        BinaryPrimitives.WriteUInt32LittleEndian(record[28..], ephemeralNumber);
    }

    /// <summary>Stamps a record's place among its batch's records for history, from 0.</summary>
    public static void StampPlace(Span<byte> record, int place)
    {
        record[EventRecord.BatchAt] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(record[EventRecord.PlaceAt..], (ushort)Math.Min(place, ushort.MaxValue));
    }

    /// <summary>Notes that the batch goes on with the next record.</summary>
    public static void StampContinued(Span<byte> record) => record[EventRecord.BatchAt] |= EventRecord.ContinuedBit;

    /// <summary>The length of an event's record.</summary>
    public static int Measure(PushEvent source, TopicRule? rule = null)
    {
        var length = EventRecord.HeaderLength + TextLength(source.Topic) + TextLength(source.Type) + TextLength(source.ContentType)
            + TextLength(source.Key) + TextLength(source.Id) + TextLength(source.TraceParent) + ((source.Ttl ?? rule?.Ttl) is null ? 0 : 10) + (source.Retry is null ? 0 : 6)
            + (source.Payload.IsEmpty ? 0 : FieldLength(source.Payload.Length));
        foreach (var alternate in source.Alternates)
        {
            length += TextLength(alternate);
        }

        return length;
    }

    private static EventFlags FlagsOf(PushEvent source, TopicRule? rule)
    {
        var flags = (source.Private ? EventFlags.Private : 0) | (source.Final ? EventFlags.Final : 0);
        flags |= source.Ttl is null && rule?.Ttl is not null ? EventFlags.RuleTtl : 0;
        flags |= source.Priority is null && rule is { Priority: not EventPriority.Normal } ? EventFlags.RulePriority : 0;
        return flags | (EventFlags)((int)(source.Priority ?? rule?.Priority ?? EventPriority.Normal) << 4);
    }

    private static int TextLength(string? text) => string.IsNullOrEmpty(text) ? 0 : FieldLength(Encoding.UTF8.GetByteCount(text));

    private static int FieldLength(int length) => 1 + VarintLength((uint)length) + length;

    private static int VarintLength(uint value) => value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;

    private static void WriteText(Span<byte> record, ref int at, byte tag, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        WriteHead(record, ref at, tag, Encoding.UTF8.GetByteCount(text));
        at += Encoding.UTF8.GetBytes(text, record[at..]);
    }

    private static void WriteHead(Span<byte> record, ref int at, byte tag, int length)
    {
        record[at++] = tag;
        var rest = (uint)length;
        while (rest >= 0x80)
        {
            record[at++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        record[at++] = (byte)rest;
    }
}
