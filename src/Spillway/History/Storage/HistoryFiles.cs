namespace Spillway.History.Storage;

/// <summary>Looks at the files of a history without changing one: for tools. The directory is held meanwhile.</summary>
internal sealed class HistoryFiles : IDisposable
{
    private const string Extension = ".segment";

    private readonly IDisk _disk;
    private readonly IDisposable _lock;

    private HistoryFiles(IDisk disk, IDisposable held)
    {
        (_disk, _lock) = (disk, held);
        Segments = Find(disk);
    }

    /// <summary>In the order of their offsets; what has no readable header comes first.</summary>
    public IReadOnlyList<FoundSegment> Segments { get; private set; }

    /// <exception cref="HistoryLockedException">Another process has the directory.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no history in it.</exception>
    public static HistoryFiles Open(string directory)
    {
        var disk = new RealDisk(directory);
        if (!Directory.Exists(directory) || !disk.List().Any(static name => name == "state" || name.EndsWith(Extension, StringComparison.Ordinal)))
        {
            throw new DirectoryNotFoundException($"There is no history in \"{directory}\"; give the directory that --data names.");
        }

        var held = DirectoryLock.Acquire(directory);
        try
        {
            return new HistoryFiles(disk, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>What was last noted of epoch and offsets; null where no copy passes its checksum.</summary>
    public HistoryState? ReadState()
    {
        if (!_disk.List().Contains("state", StringComparer.Ordinal))
        {
            return null;
        }

        using var state = StateFile.Open(_disk);
        return state.Last;
    }

    /// <summary>Reads a segment that has a header, and finds its whole records.</summary>
    public (SegmentScan Scan, ReadOnlyMemory<byte> Records) Read(FoundSegment segment)
    {
        using var file = _disk.Open(segment.Name, writable: false);
        var bytes = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(file.Length - SegmentHeader.Length, 0, Array.MaxLength));
        var length = file.Read(SegmentHeader.Length, bytes);
        var header = segment.Header!.Value;
        var scan = SegmentScan.Run(bytes, length, header.Seed, header.After, segment.UpTo);
        return (scan, bytes.AsMemory(0, scan.Length));
    }

    /// <summary>Deletes segments for good.</summary>
    public void Delete(IEnumerable<FoundSegment> segments)
    {
        foreach (var segment in segments)
        {
            _disk.Delete(segment.Name);
        }

        _disk.SyncDirectory();
        Segments = Find(_disk);
    }

    public void Dispose() => _lock.Dispose();

    private static List<FoundSegment> Find(IDisk disk)
    {
        var found = new List<FoundSegment>();
        Span<byte> head = stackalloc byte[SegmentHeader.Length];
        foreach (var name in disk.List().Where(static name => name.EndsWith(Extension, StringComparison.Ordinal)))
        {
            using var file = disk.Open(name, writable: false);
            var whole = file.Read(0, head) == head.Length && SegmentHeader.TryRead(head, out var header) ? header : (SegmentHeader?)null;
            found.Add(new FoundSegment(name, file.Length, whole, long.MaxValue));
        }

        // Newest first: what lies above the beginning of one that was made later is dead.
        var upTo = long.MaxValue;
        var ordered = new List<FoundSegment>();
        foreach (var segment in found.Where(static one => one.Header is not null).OrderByDescending(static one => one.Header!.Value.Number))
        {
            ordered.Add(segment with { UpTo = upTo });
            upTo = Math.Min(upTo, segment.Header!.Value.After);
        }

        return [.. found.Where(static one => one.Header is null), .. ordered.OrderBy(static one => one.Header!.Value.After).ThenBy(static one => one.Header!.Value.Number)];
    }
}
