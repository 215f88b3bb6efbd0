using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>Finds the sidecars that outlived their segments, or the greater part of them, and deletes those that help nobody.</summary>
internal static class DroppedFinder
{
    /// <summary>The indexes of what lay right before an offset, without a hole between them, and of what lay behind it, oldest first.</summary>
    public static List<SealedSegment> Find(SealedStore store, IDisk disk, EpochChain chain, long before)
    {
        var names = disk.List();
        var segments = names.ToHashSet(StringComparer.Ordinal);
        var found = new List<SealedSegment>();
        foreach (var name in names)
        {
            if (name.EndsWith(SealedStore.Unfinished, StringComparison.Ordinal))
            {
                store.Delete(name);
            }
            else if (name.EndsWith(SealedStore.SidecarExtension, StringComparison.Ordinal) && !segments.Contains(SealedStore.SegmentOf(name)))
            {
                Take(store, name, chain, found);
            }
        }

        found.Sort(static (x, y) => y.LastOffset.CompareTo(x.LastOffset));
        var (kept, first) = (new List<SealedSegment>(), before);
        foreach (var dropped in found)
        {
            if (dropped.After >= first)
            {
                kept.Add(dropped);
            }
            else if (dropped.LastOffset == before)
            {
                kept.Add(dropped);
                before = dropped.After;
            }
            else
            {
                store.Delete(dropped.SidecarName);
            }
        }

        kept.Reverse();
        return kept;
    }

    private static void Take(SealedStore store, string name, EpochChain chain, List<SealedSegment> found)
    {
        if (store.TryOpenIndex(name) is { IsCleaned: false } dropped && dropped.LastOffset <= chain.LastOf(dropped.Head.Epoch))
        {
            found.Add(dropped);
        }
        else
        {
            store.Delete(name);
        }
    }
}
