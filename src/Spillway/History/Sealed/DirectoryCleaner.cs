using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Spillway.History.Retention;
using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>
/// Cleans sealed segments of a directory. What stays is written to a file of its own, whole and synced, before the old one goes: the new one's header says that it was
/// cleaned once more, and a start that finds both takes it. No file that a reader may have open ever changes.
/// </summary>
internal sealed partial class DirectoryCleaner(SealedStore store, IDisk disk, HistoryLimits limits, ILogger logger) : ISegmentCleaner
{
    public bool HasToDelete => store.HasToDelete;

    public bool CanClean(ISegment segment) => segment is SealedSegment;

    public ISegmentRecords? Open(ISegment segment)
    {
        try
        {
            return segment is SealedSegment stored ? store.LoadAside(stored) : segment.Open(null);
        }
        catch (SegmentGoneException)
        {
            return null; // It has just turned out to be damaged: what takes its place is measured the next time.
        }
    }

    public bool CanJoin(ISegment first, ISegment next) => ((SealedSegment)first).Head.Epoch == ((SealedSegment)next).Head.Epoch;

    public CleanedSegment? TryMake(IReadOnlyList<ISegment> segments, Survivors take)
    {
        var old = segments.Cast<SealedSegment>().ToList();
        try
        {
            var (known, found, kept) = (new List<HistoryGap>(), new List<HistoryGap>(), new List<byte[]>());
            foreach (var segment in old)
            {
                var (scan, records) = store.ReadRecords(segment);
                known.AddRange(segment.Head.Damage);
                found.AddRange(FindNewDamage(segment.Head, scan));
                kept.Add(take.Take(records.Span));
            }

            take.AreAll = old.Count == 1 && take.Gone.Count == 0 && found.Count == 0;
            if (take.AreAll)
            {
                return null;
            }

            var header = MakeHeader(old);
            return Write(header, [.. kept.SelectMany(static part => part)], [.. known, .. found]) is var (made, content) ? new CleanedSegment(made, content, found) : null;
        }
        catch (IOException fault)
        {
            Log.NotCleaned(logger, fault, old[0].Name);
            return null;
        }
    }

    public void GiveUp(CleanedSegment made)
    {
        var segment = (SealedSegment)made.Segment;
        segment.GiveUpPayload();
        segment.GiveUpIndex();
        store.DeletePayload(segment);
        store.DeleteIndex(segment);
    }

    private static string NameOf(SegmentHeader header) =>
        string.Create(CultureInfo.InvariantCulture, $"{header.After + 1:D20}-{header.Number:D10}.{header.Cleaned}{SealedStore.SegmentExtension}");

    /// <summary>What the index had and the file has not, or not any more.</summary>
    private static List<HistoryGap> FindNewDamage(SidecarHead head, SegmentScan scan)
    {
        var damage = scan.Damage.Where(gap => !head.Damage.Contains(gap)).ToList();
        if (scan.Length < head.Length && scan.LastOffset < head.LastOffset && (scan.HasTornTail || damage.Count == 0))
        {
            damage.Add(new HistoryGap(scan.LastOffset, head.LastOffset, null, Corrupt: true));
        }

        return damage;
    }

    /// <summary>
    /// It has the number of the newest, and begins where the oldest does: all the others are dead by that, whichever of them a crash leaves. All of it is synced, or it would
    /// not have been sealed.
    /// </summary>
    private SegmentHeader MakeHeader(List<SealedSegment> old)
    {
        var newest = SegmentFile.TryOpen(disk, old[^1].Name, logger, out _)?.Header ?? throw new IOException("Neither copy of its header passes its checksum.");
        var seed = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
        return newest with { After = old[0].After, Seed = seed, Synced = old[^1].LastOffset, Cleaned = newest.Cleaned + 1 };
    }

    private (SealedSegment Made, Segment Content)? Write(SegmentHeader header, byte[] kept, IReadOnlyList<HistoryGap> damage)
    {
        var name = NameOf(header);
        DeleteRests(name);
        var file = SegmentFile.Create(disk, name, isHidden: true, header, logger);
        try
        {
            file.Write(kept);
            file.Sync();
            file.Seal();
            var content = Segment.Load(new StoredSegment(header.After, kept, kept.Length, file, CanAppend: false, damage) { CleanedUpTo = header.CleanedUpTo }, limits);
            var made = store.WriteSidecar(content, name, file);
            file.Show();
            disk.SyncDirectory();
            return (made, content);
        }
        catch (IOException fault)
        {
            Log.NotCleaned(logger, fault, name);
            file.Delete();
            DeleteRests(name);
            return null;
        }
    }

    /// <summary>What an attempt that failed has left: while the old file is there, nothing depends on it.</summary>
    private void DeleteRests(string name)
    {
        string[] rests = [name, name + SegmentFile.HiddenExtension, SealedStore.SidecarOf(name)];
        foreach (var rest in disk.List().Intersect(rests, StringComparer.Ordinal).ToArray())
        {
            disk.Delete(rest);
        }
    }
}
