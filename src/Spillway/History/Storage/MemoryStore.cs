using Spillway.History.Sealed;

namespace Spillway.History.Storage;

/// <summary>Stores nothing: the history is as old as the process.</summary>
internal sealed class MemoryStore : ISegmentStore, ISegmentFile
{
    public EpochChain Chain { get; } = new(HistoryEpoch.Create(), []);

    public bool IsDurable => false;

    public IEnumerable<StoredSegment> Load(SealedStore? sealedStore) => [];

    public StoredStart Begin(long head) => new(head + 1, LostTail: false, Synced: head);

    public void Reserve(long offset)
    {
    }

    public ISegmentFile Create(long after, long synced, bool isHidden = false) => this;

    public void End(long nextOffset)
    {
    }

    public void Write(Span<byte> records)
    {
    }

    public void Sync()
    {
    }

    public void SyncNames()
    {
    }

    public void Show()
    {
    }

    public void Seal()
    {
    }

    public bool Delete() => true;

    public void Dispose()
    {
    }
}
