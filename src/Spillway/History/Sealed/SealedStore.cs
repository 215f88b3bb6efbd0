using Microsoft.Extensions.Logging;
using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>The sealed segments of a directory and their sidecars: makes, loads, repairs and deletes them. Any thread.</summary>
internal sealed partial class SealedStore(IDisk disk, HistoryLimits limits, HistoryMetrics metrics, ILogger logger) : IDisposable
{
    public const string SidecarExtension = ".index";

    public const string SegmentExtension = ".segment";

    /// <summary>Behind the name of a sidecar that is being written.</summary>
    public const string Unfinished = SidecarExtension + ".next";

    private const int InputOutputError = 5; // EIO

    private readonly FileCache _files = new(disk, FileCache.UsualCapacity);
    private readonly Lock _writing = new();

    public IndexCache Cache { get; } = new(limits.IndexBytes, metrics);

    /// <summary>Files open for reading now.</summary>
    public int OpenFiles => _files.Count;

    /// <summary>Is told of a segment whose records turned out to be damaged when its index was made again, of what takes its place, and of what is lost.</summary>
    public Action<SealedSegment, SealedSegment, IReadOnlyList<HistoryGap>>? Replaced { get; set; }

    /// <summary>Does what a reader need not wait for. Default: at once.</summary>
    public Action<Action> Later { get; set; } = static chore => chore();

    public static string SidecarOf(string segment) => segment[..^SegmentExtension.Length] + SidecarExtension;

    public static string SegmentOf(string sidecar) => sidecar[..^SidecarExtension.Length] + SegmentExtension;

    /// <summary>Opens a sealed segment by its sidecar alone; null if that is missing, damaged or of another file.</summary>
    public SealedSegment? TryOpen(SegmentFile file, List<SidecarEnd> ends) =>
        TryReadHead(SidecarOf(file.Name), ends) is { } head && head.IsOf(file.Header) && head.FileLength == file.Length ? new SealedSegment(this, file.Name, head) : null;

    /// <summary>The indexes of what lay right before an offset and is dropped, oldest first.</summary>
    public List<SealedSegment> FindDropped(EpochChain chain, long before) => DroppedFinder.Find(this, disk, chain, before);

    /// <summary>Opens a sidecar whose segment is gone; null if it is damaged.</summary>
    public SealedSegment? TryOpenIndex(string sidecar) =>
        TryReadHead(sidecar, null) is { } head ? GiveUp(new SealedSegment(this, SegmentOf(sidecar), head)) : null;

    /// <summary>Makes a segment's sidecar. If it cannot be written, the index is made from the segment when it is wanted.</summary>
    public SealedSegment Seal(Segment segment)
    {
        var file = (SegmentFile)segment.File;
        return WriteSidecar(segment, file.Name, file);
    }

    /// <summary>The same for a segment whose file will have another name.</summary>
    public SealedSegment WriteSidecar(Segment segment, string name, SegmentFile file)
    {
        var sidecar = SidecarWriter.Write(segment, file.Header, file.Length);
        TryWrite(SidecarOf(name), sidecar);
        return new SealedSegment(this, name, HeadOf(sidecar));
    }

    /// <summary>Whether one of the topics may be there; true also where that cannot be told.</summary>
    public bool MayHold(SealedSegment segment, ReadOnlySpan<(byte[] Name, ulong Hash)> topics)
    {
        try
        {
            using var lease = _files.Open(segment.SidecarName);
            foreach (var (name, _) in topics)
            {
                if (SidecarReader.MayHold(lease.File, segment.Head, name))
                {
                    return true;
                }
            }

            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>The segment's index, loaded now if it is not; null if it is gone.</summary>
    public LoadedSegment? Load(SealedSegment segment)
    {
        if (Cache.TryGet(segment) is { } known)
        {
            return known;
        }

        lock (segment.Loading)
        {
            if (Cache.TryGet(segment) is { } loadedMeanwhile)
            {
                return loadedMeanwhile;
            }

            var loaded = segment.IsIndexGone ? null : TryLoad(segment) ?? Rebuild(segment);
            if (loaded is not null)
            {
                Cache.Add(segment, loaded);
            }

            return loaded;
        }
    }

    /// <summary>The segment's index, for one look: others that are loaded stay.</summary>
    public LoadedSegment? LoadAside(SealedSegment segment) => Cache.TryGet(segment) ?? TryLoad(segment) ?? Load(segment);

    /// <summary>The index of a few topics alone, if it is not loaded anyway; null if it is better loaded.</summary>
    public LoadedSegment? TryLookUp(SealedSegment segment, ReadOnlySpan<(byte[] Name, ulong Hash)> topics)
    {
        if (Cache.TryGet(segment) is { } known)
        {
            return known;
        }

        try
        {
            using var lease = _files.Open(segment.SidecarName);
            return new SidecarLookup(lease.File, segment.Head).TryRead(topics) is var (index, parts) ? new LoadedSegment(segment, this, index, parts) : null;
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException)
        {
            return null; // Loading will see to it.
        }
    }

    public TopicTable ReadTopics(SealedSegment segment)
    {
        if (Cache.TryGet(segment) is { } loaded)
        {
            return loaded.Index.Topics;
        }

        try
        {
            using var lease = _files.Open(segment.SidecarName);
            return SidecarReader.ReadTopics(lease.File, segment.Head);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException)
        {
            return Load(segment)?.Index.Topics ?? throw new SegmentGoneException(segment.SidecarName);
        }
    }

    /// <summary>Reads bytes of a segment's file. False: they cannot be read, or are not there.</summary>
    public bool TryRead(SealedSegment segment, long at, Span<byte> into)
    {
        try
        {
            using var lease = _files.Open(segment.Name);
            return lease.File.Read(at, into) == into.Length;
        }
        catch (IOException) when (segment.IsPayloadGone)
        {
            throw new SegmentGoneException(segment.Name);
        }
        catch (IOException fault) when (fault is FileNotFoundException || fault.HResult == InputOutputError)
        {
            return false;
        }
    }

    /// <summary>Deletes the records of a segment that was marked as gone.</summary>
    public void DeletePayload(SealedSegment segment)
    {
        _files.Close(segment.Name);
        DeleteInOrder(segment.Name, segment.LastOffset);
    }

    /// <summary>Deletes the index of a segment that was marked as gone.</summary>
    public void DeleteIndex(SealedSegment segment)
    {
        Cache.Remove(segment);
        _files.Close(segment.SidecarName);
        Delete(segment.SidecarName);
    }

    /// <summary>Deletes the sidecar of a segment that is no longer sealed, if it has one.</summary>
    public void ForgetSidecar(string segment)
    {
        if (disk.List().Contains(SidecarOf(segment), StringComparer.Ordinal))
        {
            Delete(SidecarOf(segment));
        }
    }

    /// <summary>Deletes a sidecar that belongs to nothing.</summary>
    public void Delete(string name)
    {
        try
        {
            disk.Delete(name);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Log.NotDeleted(logger, fault, name);
        }
    }

    public void Dispose() => _files.Dispose();

    private static SealedSegment GiveUp(SealedSegment segment)
    {
        segment.GiveUpPayload();
        return segment;
    }

    private static SidecarHead HeadOf(byte[] sidecar)
    {
        using var file = new BytesFile(sidecar);
        return SidecarHeadReader.TryRead(file, null) ?? throw new InvalidOperationException("A sidecar that was just made cannot be read.");
    }

    private SidecarHead? TryReadHead(string sidecar, List<SidecarEnd>? ends)
    {
        try
        {
            using var file = disk.Open(sidecar, writable: false); // Not by the cache: it is one look, and there may be thousands.
            return SidecarHeadReader.TryRead(file, ends);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private LoadedSegment? TryLoad(SealedSegment segment)
    {
        try
        {
            using var lease = _files.Open(segment.SidecarName);
            return Make(segment, lease.File);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException)
        {
            return null;
        }
    }

    private LoadedSegment Make(SealedSegment segment, IDiskFile sidecar)
    {
        var (index, parts) = SidecarReader.Read(sidecar, segment.Head);
        return new LoadedSegment(segment, this, index, parts);
    }
}
