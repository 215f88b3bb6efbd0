using Microsoft.Extensions.Logging.Abstractions;
using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>Checks sidecars, for tools.</summary>
internal static class SidecarCheck
{
    /// <summary>Whether all checksums pass, and what they cover can be read.</summary>
    public static bool IsWhole(IDiskFile sidecar)
    {
        try
        {
            if (SidecarHeadReader.TryRead(sidecar, null) is not { } head)
            {
                return false;
            }

            SidecarReader.Read(sidecar, head);
            return HasWholeFilter(sidecar, head);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Whether a sidecar is, byte by byte, the one that would be made of an undamaged segment today.</summary>
    public static bool IsOf(IDiskFile sidecar, IDisk disk, FoundSegment segment, SegmentScan scan, ReadOnlyMemory<byte> records)
    {
        var header = segment.Header!.Value;
        var file = new SegmentFile(disk, segment.Name, header, segment.Bytes, NullLogger.Instance);
        var stored = new StoredSegment(header.After, records.ToArray(), records.Length, file, CanAppend: false, scan.Damage) { Holes = scan.Holes, CleanedUpTo = header.CleanedUpTo };
        var made = SidecarWriter.Write(Segment.Load(stored, HistoryLimits.From(new HistoryOptions())), header, segment.Bytes);
        var bytes = new byte[made.Length];
        return sidecar.Length == made.Length && sidecar.Read(0, bytes) == made.Length && bytes.AsSpan().SequenceEqual(made);
    }

    private static bool HasWholeFilter(IDiskFile sidecar, SidecarHead head)
    {
        Span<byte> block = stackalloc byte[TopicFilter.BlockLength];
        for (var number = 0; number < head.FilterBlocks; number++)
        {
            if (sidecar.Read(head.HeadLength + ((long)number * TopicFilter.BlockLength), block) < block.Length || !TopicFilter.Passes(block, number))
            {
                return false;
            }
        }

        return true;
    }
}
