using Spillway.History.Sealed;

namespace Spillway.History.Storage;

/// <summary>Where the bytes of segments go: nowhere, or a directory. Everything that touches a disk is behind it. Used by one thread at a time.</summary>
internal interface ISegmentStore : IDisposable
{
    /// <summary>The identity of the history that is stored, and of those that it is a branch of. It may change in <see cref="Begin"/>, and then no more.</summary>
    EpochChain Chain { get; }

    /// <summary>Whether it is on a disk: whether syncing means anything.</summary>
    bool IsDurable { get; }

    /// <summary>The disk on which segments can be sealed; null: they stay in memory.</summary>
    IDisk? Disk => null;

    /// <summary>The offset up to which what has been loaded is known to outlive a power loss.</summary>
    long Synced => long.MaxValue;

    /// <summary>Reads what is stored, oldest first; of a segment that is sealed, no more than its sidecar's head. Called once, first. Damage is skipped and told, never thrown.</summary>
    IEnumerable<StoredSegment> Load(SealedStore? sealedStore);

    /// <summary>Begins to write behind the newest record that was loaded. Called once, after <see cref="Load"/>.</summary>
    StoredStart Begin(long head);

    /// <summary>Makes sure that an offset, about to be used, will not be used again after a crash.</summary>
    void Reserve(long offset);

    /// <summary>Begins a segment after an offset. What earlier ones hold above that is dead from now on.</summary>
    /// <param name="synced">The offset up to which all is synced now: a start after a crash trusts so much.</param>
    /// <param name="isHidden">Only once it is shown: until then a start finds what there was before, and not this.</param>
    ISegmentFile Create(long after, long synced, bool isHidden = false);

    /// <summary>Makes the names of files that were made or deleted until now outlive a power loss. For another thread, too.</summary>
    void SyncNames();

    /// <summary>Notes a clean stop: numbering goes on at <paramref name="nextOffset"/>.</summary>
    void End(long nextOffset);
}
