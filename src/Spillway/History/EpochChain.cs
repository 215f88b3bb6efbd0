using Spillway.Events;

namespace Spillway.History;

/// <summary>A history's epoch and those it branched off from: what a cursor of one of them stands for in this history.</summary>
/// <param name="epoch">Its own.</param>
/// <param name="ancestors">The others, the newest first.</param>
internal sealed class EpochChain(ulong epoch, IReadOnlyList<Ancestor> ancestors)
{
    /// <summary>So many are remembered; the oldest is forgotten first, and cursors of it are then those of another history.</summary>
    public const int MaxAncestors = 64; // 1 KiB of the state file. A directory that is restored or moved once a week outlives a year of it.

    public ulong Epoch { get; } = epoch;

    public IReadOnlyList<Ancestor> Ancestors { get; } = ancestors;

    /// <summary>The chain of a branch that has all up to an offset in common with this history.</summary>
    public EpochChain Branch(ulong epoch, long last) => new(
        epoch,
        [.. Ancestors.Prepend(new Ancestor(Epoch, long.MaxValue)).Take(MaxAncestors)
            .Select(ancestor => ancestor with { Last = Math.Min(ancestor.Last, last) })]); // Where the end of a copy is lost, no older one reaches further.

    /// <summary>How many branches lie between: 0 for its own epoch, −1 for one that is not in the chain.</summary>
    public int AgeOf(ulong epoch)
    {
        if (epoch == Epoch)
        {
            return 0;
        }

        for (var i = 0; i < Ancestors.Count; i++)
        {
            if (Ancestors[i].Epoch == epoch)
            {
                return i + 1;
            }
        }

        return -1;
    }

    /// <summary>The last offset that this history has in common with an epoch; null if it is not in the chain.</summary>
    public long? LastOf(ulong epoch) => AgeOf(epoch) switch { -1 => null, 0 => long.MaxValue, var age => Ancestors[age - 1].Last };

    /// <summary>
    /// Finds where a position is in this history. False: what followed it there is not here; then the offset is where that history and this one parted, or null if nothing is
    /// known of it.
    /// </summary>
    public bool TryFind(Position position, out long? offset)
    {
        var last = LastOf(position.Epoch);
        offset = last is { } common ? Math.Min(position.Offset, common) : null;
        return offset == position.Offset;
    }
}
