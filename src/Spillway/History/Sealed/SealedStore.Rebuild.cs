using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>Where a sidecar is missing or damaged: its segment says all that was in it.</summary>
internal sealed partial class SealedStore
{
    /// <summary>Makes the index from the records.</summary>
    private LoadedSegment? Rebuild(SealedSegment segment)
    {
        if (segment.IsPayloadGone)
        {
            if (!segment.IsIndexGone)
            {
                segment.GiveUpIndex();
                Log.IndexLost(logger, segment.SidecarName);
            }

            return null;
        }

        metrics.IndexRebuilt();
        var (found, sidecar) = ReadSegment(segment);
        var head = HeadOf(sidecar);
        if ((head.Count, head.LastOffset, head.Length) == (segment.Head.Count, segment.Head.LastOffset, segment.Head.Length))
        {
            Later(() => WriteAgain(segment, sidecar));
            using var file = new BytesFile(sidecar);
            return Make(segment, file);
        }

        IReadOnlyList<HistoryGap> lost = found.LastOffset < segment.LastOffset
            ? [.. found.Damage, new HistoryGap(found.LastOffset, segment.LastOffset, null, Corrupt: true)]
            : found.Damage;
        var fresh = new SealedSegment(this, segment.Name, head);
        Later(() => WriteAgain(fresh, sidecar));
        Replaced?.Invoke(segment, fresh, lost);
        segment.GiveUpPayload(); // For who still holds it.
        segment.GiveUpIndex();
        throw new SegmentGoneException(segment.Name);
    }

    private void WriteAgain(SealedSegment segment, byte[] sidecar)
    {
        _files.Close(segment.SidecarName);
        if (!segment.IsPayloadGone && TryWrite(segment.SidecarName, sidecar))
        {
            _files.Close(segment.SidecarName); // A reader may have opened the old one meanwhile.
            Log.SidecarRebuilt(logger, segment.SidecarName);
        }
    }

    /// <summary>Reads all whole records of a segment.</summary>
    public (SegmentScan Found, ReadOnlyMemory<byte> Records) ReadRecords(SealedSegment segment)
    {
        var (scan, bytes) = Scan(segment);
        return (scan, bytes.AsMemory(0, scan.Length));
    }

    private (SegmentScan Found, byte[] Bytes) Scan(SealedSegment segment)
    {
        var bytes = new byte[segment.Head.FileLength - SegmentHeader.Length];
        var length = 0;
        using (var lease = _files.Open(segment.Name))
        {
            length = lease.File.Read(SegmentHeader.Length, bytes);
        }

        var wholeAfter = segment.Head.Holes.Length > 0 ? 0 : long.MaxValue;
        return (SegmentScan.Run(bytes, length, segment.Head.Seed, segment.After, segment.LastOffset, wholeAfter), bytes);
    }

    private (SegmentScan Found, byte[] Sidecar) ReadSegment(SealedSegment segment)
    {
        var (scan, bytes) = Scan(segment);
        var header = segment.Head.ToHeader();
        var file = new SegmentFile(disk, segment.Name, header, segment.Head.FileLength, logger);
        var stored = new StoredSegment(segment.After, bytes, scan.Length, file, CanAppend: false, scan.Damage) { Holes = scan.Holes, CleanedUpTo = header.CleanedUpTo };
        return (scan, SidecarWriter.Write(Segment.Load(stored, limits), header, segment.Head.FileLength));
    }

    private bool TryWrite(string name, byte[] sidecar)
    {
        lock (_writing)
        {
            try
            {
                var unfinished = name[..^SidecarExtension.Length] + Unfinished;
                if (disk.List().Contains(unfinished, StringComparer.Ordinal))
                {
                    disk.Delete(unfinished);
                }

                using (var file = disk.Create(unfinished))
                {
                    file.Write(0, sidecar);
                    file.Sync();
                }

                disk.Rename(unfinished, name);
                disk.SyncDirectory();
                return true;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                Log.SidecarNotWritten(logger, fault, name);
                return false;
            }
        }
    }
}
