using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Spillway.Events;

/// <summary>One event as history keeps it, read in place. All numbers are little-endian.</summary>
/// <remarks>
/// <code>
///  0  u32  length of what follows this field
///  4  u32  CRC-32C of bytes 8 to the end, begun with its segment's seed (0 where none was computed)
///  8  i64  offset; of an ephemeral event: the offset of the last recorded event before it
/// 16  i64  time, milliseconds since 1970-01-01T00:00Z
/// 24  u8   flags (EventFlags)
/// 25  u8   1: the batch goes on with the next record; else 0
/// 26  u16  place of the record in its batch, from 0; 65,535 stands for that and all above
/// 28  u32  number of an ephemeral event behind its offset, from 1; else 0
/// 32  fields: u8 tag, length as LEB128, bytes. Unknown tags are skipped.
/// </code>
/// Tags: 1 topic (the first is canonical, the others are alternates) · 2 type · 3 content type · 4 key · 5 id · 6 traceparent · 7 ttl (i64, milliseconds) · 8 retry (u32, milliseconds) ·
/// 15 payload · reserved: 13 encryption key id, 14 erased payload.
/// </remarks>
internal readonly ref struct EventRecord
{
    public const int HeaderLength = 32;

    /// <summary>Where the batch's byte is, and its bit.</summary>
    public const int BatchAt = 25;
    public const byte ContinuedBit = 1;
    public const int PlaceAt = 26;
    public const byte TopicTag = 1;
    public const byte TypeTag = 2;
    public const byte ContentTypeTag = 3;
    public const byte KeyTag = 4;
    public const byte IdTag = 5;
    public const byte TraceParentTag = 6;
    public const byte TtlTag = 7;
    public const byte RetryTag = 8;
    public const byte PayloadTag = 15;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>Reads a record whose length and field lengths are known to be right: written by <see cref="EventRecordWriter"/>, or checked by <see cref="TryMeasure"/>.</summary>
    public EventRecord(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        var at = HeaderLength;
        while (at < bytes.Length)
        {
            var tag = bytes[at++];
            var length = (int)ReadVarint(bytes, ref at);
            var value = bytes.Slice(at, length);
            at += length;
            switch (tag)
            {
                case TopicTag when Topic.IsEmpty:
                    Topic = value;
                    AlternatesAt = at;
                    break;
                case TypeTag:
                    Type = value;
                    break;
                case ContentTypeTag:
                    ContentType = value;
                    break;
                case KeyTag:
                    Key = value;
                    break;
                case IdTag:
                    Id = value;
                    break;
                case TraceParentTag:
                    TraceParent = value;
                    break;
                case TtlTag:
                    TtlMilliseconds = BinaryPrimitives.ReadInt64LittleEndian(value);
                    break;
                case RetryTag:
                    RetryMilliseconds = BinaryPrimitives.ReadUInt32LittleEndian(value);
                    break;
                case PayloadTag:
                    Payload = value;
                    break;
            }
        }
    }

    public ReadOnlySpan<byte> Bytes => _bytes;

    public long Offset => OffsetOf(_bytes);

    public long Time => TimeOf(_bytes);

    public EventFlags Flags => FlagsOf(_bytes);

    public EventPriority Priority => (EventPriority)(((byte)Flags >> 4) & 3);

    /// <summary>The number of an ephemeral event behind its offset, from 1; else 0.</summary>
    public uint EphemeralNumber => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[28..]);

    public ReadOnlySpan<byte> Topic { get; }

    public ReadOnlySpan<byte> Type { get; }

    public ReadOnlySpan<byte> ContentType { get; }

    public ReadOnlySpan<byte> Key { get; }

    public ReadOnlySpan<byte> Id { get; }

    public ReadOnlySpan<byte> TraceParent { get; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>0: no ttl.</summary>
    public long TtlMilliseconds { get; }

    /// <summary>After what time subscribers of Mercure are to come back, where the publisher said so; null: it did not.</summary>
    public uint? RetryMilliseconds { get; }

    /// <summary>The topics after the canonical one. The writer puts them right behind it.</summary>
    public AlternateEnumerator Alternates => new(_bytes, AlternatesAt);

    private int AlternatesAt { get; }

    public static long OffsetOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt64LittleEndian(record[8..]);

    public static long TimeOf(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt64LittleEndian(record[16..]);

    /// <summary>Whether a record is followed by another of the same batch.</summary>
    public static bool IsContinued(ReadOnlySpan<byte> record) => (record[BatchAt] & ContinuedBit) != 0;

    /// <summary>Whether a record is the first of its batch.</summary>
    public static bool IsFirst(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt16LittleEndian(record[PlaceAt..]) == 0;

    public static EventFlags FlagsOf(ReadOnlySpan<byte> record) => (EventFlags)record[24];

    /// <summary>The whole length of the record at the start of <paramref name="bytes"/>, its length field included.</summary>
    public static int LengthAt(ReadOnlySpan<byte> bytes) => 4 + (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    /// <summary>Checks a record that may be damaged: its own length and every field's. Says its length.</summary>
    public static bool TryMeasure(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length < HeaderLength)
        {
            return false;
        }

        var claimed = 4L + BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (claimed < HeaderLength || claimed > bytes.Length)
        {
            return false;
        }

        length = (int)claimed;
        var at = HeaderLength;
        var hasTopic = false;
        while (at < length)
        {
            var tag = bytes[at++];
            if (!TryReadVarint(bytes[..length], ref at, out var size) || size > (uint)(length - at) || (tag == TtlTag && size != 8) || (tag == RetryTag && size != 4))
            {
                return false;
            }

            hasTopic |= tag == TopicTag && size > 0;
            at += (int)size;
        }

        return hasTopic;
    }

    private static uint ReadVarint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var first = bytes[at];
        if (first < 0x80)
        {
            at++;
            return first;
        }

        return TryReadVarint(bytes, ref at, out var value) ? value : throw new InvalidDataException("An event record has a damaged field length.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryReadVarint(ReadOnlySpan<byte> bytes, ref int at, out uint value)
    {
        value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (at >= bytes.Length)
            {
                return false;
            }

            var next = bytes[at++];
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Walks the alternate topics of a record.</summary>
    public ref struct AlternateEnumerator(ReadOnlySpan<byte> record, int at)
    {
        private readonly ReadOnlySpan<byte> _record = record;
        private int _at = at;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly AlternateEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_at == 0 || _at >= _record.Length || _record[_at] != TopicTag)
            {
                return false;
            }

            _at++;
            var length = (int)ReadVarint(_record, ref _at);
            Current = _record.Slice(_at, length);
            _at += length;
            return true;
        }
    }
}
