namespace Spillway.History.Sealed;

/// <summary>A segment of a directory to which nothing is appended any more: in memory is its sidecar's head, all else is read when it is wanted. Any thread.</summary>
internal sealed class SealedSegment(SealedStore store, string name, SidecarHead head) : ISegment
{
    /// <summary>With more topics than this to look up, loading the index costs less than asking the filter for each.</summary>
    private const int MostProbes = 16;

    private bool _payloadGone;
    private bool _indexGone;

    public SidecarHead Head { get; } = head;

    /// <summary>Of the segment's file.</summary>
    public string Name { get; } = name;

    public string SidecarName { get; } = SealedStore.SidecarOf(name);

    /// <summary>Held by who loads the index.</summary>
    public Lock Loading { get; } = new();

    public long After => Head.After;

    public long LastOffset => Head.LastOffset;

    public int Count => Head.Count;

    public int Events => Head.Events;

    public long Length => Head.Length;

    public bool IsCleaned => Head.Cleaned > 0;

    public long MinTime => Head.MinTime;

    public long MaxTime => Head.MaxTime;

    public long IndexMemory => (Head.Sketch.Length * (long)sizeof(ulong)) + SidecarHead.FixedLength; // The cache counts what is loaded.

    /// <summary>Whether its records were dropped; the index may be there still.</summary>
    public bool IsPayloadGone => Volatile.Read(ref _payloadGone);

    /// <summary>Whether the index is given up too.</summary>
    public bool IsIndexGone => Volatile.Read(ref _indexGone);

    public bool MayHold(Selection selection) =>
        !IsNarrow(selection) || store.Cache.TryGet(this) is not null || store.MayHold(this, selection.Topics);

    public ISegmentRecords Open(Selection? selection) => TryOpen(selection) ?? throw new SegmentGoneException(Name);

    public SegmentIndex? OpenIndex(Selection? selection) => TryOpen(selection)?.Index;

    public TopicTable ReadTopics() => store.ReadTopics(this);

    public ulong[] Sketch() => Head.Sketch;

    /// <summary>From now on only its index is there.</summary>
    public void GiveUpPayload()
    {
        Volatile.Write(ref _payloadGone, true);
        Head.Sketch = []; // Nobody counts the topics of what is not kept.
    }

    public void GiveUpIndex() => Volatile.Write(ref _indexGone, true);

    private static bool IsNarrow(Selection selection) => selection.Patterns == 0 && selection.Topics.Length <= MostProbes;

    private LoadedSegment? TryOpen(Selection? selection)
    {
        if (IsIndexGone)
        {
            return null;
        }

        return (selection is not null && IsNarrow(selection) ? store.TryLookUp(this, selection.Topics) : null) ?? store.Load(this);
    }
}
