using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;

namespace Spillway.Tests.History;

public sealed class StorageUnitTests
{
    private const uint Seed = 0xC0FFEE;

    [Fact]
    public void Compute_TheUsualCheckValue_IsCrc32C()
    {
        Assert.Equal(0xE306_9283u, RecordChecksum.Compute("123456789"u8, 0)); // RFC 3720, appendix B.4, has the polynomial; the value is the catalogue's check.
        Assert.Equal(0x8A91_36AAu, RecordChecksum.Compute(new byte[32], 0)); // RFC 3720, B.4: 32 bytes of zeroes.
    }

    [Fact]
    public void Append_PostingsOfManyTopics_AreWalkedAndSkippedInOrder()
    {
        var lists = new PostingLists();
        var (first, second) = (lists.Start(), lists.Start());
        var starts = (first.At, second.At);
        for (var ordinal = 0; ordinal < 5_000; ordinal++)
        {
            first = ordinal % 3 == 0 ? lists.Append(first, ordinal) : first;
            second = ordinal == 4_000 ? lists.Append(second, ordinal) : second;
        }

        lists.Seal();

        Assert.Equal(Enumerable.Range(0, 1_667).Select(static i => i * 3), Walk(lists, starts.Item1, 0));
        Assert.Equal([4_000], Walk(lists, starts.Item2, 0));
        for (var from = 0; from < 5_010; from++)
        {
            var cursor = new PostingCursor(starts.Item1);
            cursor.SkipTo(lists.Cells, from);
            Assert.Equal(from > 4_998 ? PostingCursor.End : (from + 2) / 3 * 3, cursor.Current(lists.Cells));
        }
    }

    [Fact]
    public void Run_RecordDamagedInTheMiddle_SkipsItAndSaysWhere()
    {
        using var rig = new HistoryRig();
        var records = Enumerable.Range(1, 5).Select(offset => rig.Record(offset * 10, "topic", payload: 40)).ToArray();
        byte[] bytes = [.. records.SelectMany(static record => record)];
        RecordChecksum.Stamp(bytes, Seed);
        byte[] good = [.. bytes[..(2 * records[0].Length)], .. bytes[(3 * records[0].Length)..]];
        bytes[(2 * records[0].Length) + 50] ^= 4;

        var scan = SegmentScan.Run(bytes, bytes.Length, Seed, after: 5, upTo: long.MaxValue);

        Assert.Equal(good, bytes[..scan.Length]);
        Assert.Equal([new HistoryGap(20, 39, null, Corrupt: true)], scan.Damage);
        Assert.Equal((50L, false), (scan.LastOffset, scan.HasTornTail));
    }

    [Fact]
    public void Run_RecordInsideADamagedPayload_IsNotTakenForOne()
    {
        using var rig = new HistoryRig();
        var inner = rig.Record(11, "forged");
        RecordChecksum.Stamp(inner, seed: 0); // What a publisher can compute: the seed is not known outside.
        var outer = Spillway.TestKit.Records.Make(new PushEvent { Topic = "a", Payload = inner }, 10);
        RecordChecksum.Stamp(outer, Seed);
        outer[EventRecord.HeaderLength + 2] ^= 1; // The topic: what is inside stays whole.

        var scan = SegmentScan.Run(outer, outer.Length, Seed, after: 0, upTo: long.MaxValue);

        Assert.Equal((0, 0L), (scan.Length, scan.LastOffset));
    }

    [Fact]
    public void Run_RecordsAboveTheNextSegmentsBeginning_AreDead()
    {
        using var rig = new HistoryRig();
        byte[] bytes = [.. rig.Record(1, "a"), .. rig.Record(2, "a"), .. rig.Record(3, "a")];
        RecordChecksum.Stamp(bytes, Seed);

        var scan = SegmentScan.Run(bytes, bytes.Length, Seed, after: 0, upTo: 2);

        Assert.Equal((2L, true, 0), (scan.LastOffset, scan.HasTornTail, scan.Damage.Count));
    }

    [Fact]
    public void TryRead_HeaderOfALaterVersion_IsRefusedByName()
    {
        var bytes = new SegmentHeader(1, 2, 3, 4, 5).ToBytes();
        bytes[8] = 2;
        bytes.AsSpan(12, 4).Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), RecordChecksum.Compute(bytes.AsSpan(0, 64), 0));

        var fault = Assert.Throws<NotSupportedException>(() => SegmentHeader.TryRead(bytes, out _));

        Assert.Contains("format version 2; this program reads version 1", fault.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<int> Walk(PostingLists lists, int start, int from)
    {
        var cursor = new PostingCursor(start);
        for (cursor.SkipTo(lists.Cells, from); cursor.Current(lists.Cells) != PostingCursor.End; cursor.Advance(lists.Cells))
        {
            yield return cursor.Current(lists.Cells);
        }
    }
}
