using Spillway.History;
using Spillway.History.Sealed;
using Spillway.History.Storage;

namespace Spillway.Tests.History;

/// <summary>A store that a test makes fail, or hold, at the next write.</summary>
internal sealed class StubStore : ISegmentStore, ISegmentFile
{
    public Action? OnWrite { get; set; }

    public Action? OnCreate { get; set; }

    public Action? OnSync { get; set; }

    public int Created { get; private set; }

    public int Deleted { get; private set; }

    public EpochChain Chain { get; } = new(1, []);

    public bool IsDurable { get; init; } = true;

    public IEnumerable<StoredSegment> Load(SealedStore? sealedStore) => [];

    public StoredStart Begin(long head) => new(head + 1, LostTail: false, Synced: head);

    public void Reserve(long offset)
    {
    }

    public ISegmentFile Create(long after, long synced, bool isHidden = false)
    {
        OnCreate?.Invoke();
        Created++;
        return this;
    }

    public void End(long nextOffset)
    {
    }

    public void Write(Span<byte> records) => OnWrite?.Invoke();

    public void Sync() => OnSync?.Invoke();

    public void SyncNames()
    {
    }

    public void Show()
    {
    }

    public void Seal()
    {
    }

    public bool Delete() => ++Deleted > 0;

    public void Dispose()
    {
    }
}
