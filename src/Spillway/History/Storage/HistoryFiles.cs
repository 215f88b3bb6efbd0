using Spillway.Events;
using Spillway.History.Sealed;

namespace Spillway.History.Storage;

/// <summary>Looks at the files of a history without changing one: for tools. The directory is held meanwhile.</summary>
internal sealed class HistoryFiles : IDisposable
{
    private const string Extension = ".segment";

    private readonly IDisk _disk;
    private readonly IDisposable _lock;
    private readonly CursorKeyFile _key;

    private HistoryFiles(string directory, IDisk disk, IDisposable held)
    {
        (_disk, _lock, _key) = (disk, held, new CursorKeyFile(directory));
        (Segments, Foreign) = ([], []);
        State = ReadState();
        Find();
    }

    /// <summary>What was last noted of epoch and offsets; null where no copy passes its checksum.</summary>
    public HistoryState? State { get; }

    /// <summary>Whether the directory was copied or restored: the next start begins a new epoch.</summary>
    public bool IsCopy { get; private set; }

    /// <summary>The epochs of the history; null where nothing says what they are.</summary>
    public EpochChain? Chain { get; private set; }

    /// <summary>In the order of their offsets; what has no readable header comes first.</summary>
    public IReadOnlyList<FoundSegment> Segments { get; private set; }

    /// <summary>Names of segments that are of another history: the next start puts them aside.</summary>
    public IReadOnlyList<string> Foreign { get; private set; }

    /// <summary>Names of the sidecars, those of segments that are gone included.</summary>
    public IReadOnlyList<string> Sidecars => [.. _disk.List().Where(static name => name.EndsWith(SealedStore.SidecarExtension, StringComparison.Ordinal))];

    /// <exception cref="HistoryLockedException">Another process has the directory.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no history in it.</exception>
    public static HistoryFiles Open(string directory)
    {
        Require(directory);
        var disk = new RealDisk(directory);
        var held = DirectoryLock.Acquire(directory);
        try
        {
            return new HistoryFiles(directory, disk, held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <exception cref="DirectoryNotFoundException">There is no history in it.</exception>
    public static void Require(string directory)
    {
        if (!Directory.Exists(directory) || !new RealDisk(directory).List().Any(static name => name == StateFile.FileName || name.EndsWith(Extension, StringComparison.Ordinal)))
        {
            throw new DirectoryNotFoundException($"There is no history in \"{directory}\"; give the directory that --data names.");
        }
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

    /// <summary>Whether a sidecar passes its checksums.</summary>
    public bool IsWhole(string sidecar)
    {
        using var file = _disk.Open(sidecar, writable: false);
        return SidecarCheck.IsWhole(file);
    }

    /// <summary>Whether a sidecar passes its checksums and, where its segment has nothing but whole records, says what those say.</summary>
    public bool IsOf(string sidecar, FoundSegment segment, SegmentScan scan, ReadOnlyMemory<byte> records)
    {
        using var file = _disk.Open(sidecar, writable: false);
        var isPlain = scan.Damage.Count == 0 && scan.Holes.Count == 0 && segment.Bytes == SegmentHeader.Length + scan.GoodEnd;
        return SidecarCheck.IsWhole(file) && (!isPlain || SidecarCheck.IsOf(file, _disk, segment, scan, records));
    }

    /// <summary>Deletes segments for good, in their order, with all sidecars of what is older than the segments that stay: they hold names of topics.</summary>
    public void Delete(IReadOnlyCollection<FoundSegment> segments)
    {
        foreach (var segment in segments)
        {
            _disk.Delete(segment.Name);
            _disk.SyncDirectory(); // As retention does: what a power loss leaves has no hole.
        }

        Find();
        var oldest = Segments.FirstOrDefault(static one => one.Header is not null);
        foreach (var sidecar in segments.Count == 0 || oldest is null ? [] : Sidecars.Where(name => string.CompareOrdinal(SealedStore.SegmentOf(name), oldest.Name) < 0))
        {
            _disk.Delete(sidecar);
        }

        _disk.SyncDirectory();
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>The position that a cursor stands for, sealed or plain; that of no history where none of the directory's hubs made it.</summary>
    public Position Read(string cursor)
    {
        if (Position.TryParse(cursor, out var position) || !_key.Exists)
        {
            return position;
        }

        using var cursors = new SealedCursors(_key.Open());
        return cursors.Read(cursor);
    }

    /// <summary>The plain cursor of an offset.</summary>
    public Position At(long offset) => new(Chain?.Epoch ?? 0, offset);

    private HistoryState? ReadState()
    {
        if (!_disk.List().Contains(StateFile.FileName, StringComparer.Ordinal))
        {
            return null;
        }

        using var state = StateFile.Open(_disk);
        IsCopy = state.IsCopy;
        return state.Last;
    }

    private void Find()
    {
        var (damaged, found) = (new List<FoundSegment>(), new List<FoundSegment>());
        Span<byte> head = stackalloc byte[SegmentHeader.Length];
        foreach (var name in _disk.List().Where(static name => name.EndsWith(Extension, StringComparison.Ordinal)))
        {
            using var file = _disk.Open(name, writable: false);
            var isWhole = file.Read(0, head) == head.Length & SegmentHeader.TryRead(head, out var header);
            (isWhole ? found : damaged).Add(new FoundSegment(name, file.Length, isWhole ? header : null, long.MaxValue));
        }

        Chain = State?.Chain ?? (found.Count > 0 ? SegmentOrder.ReadChain([.. found.Select(static one => one.Header!.Value)]) : null);
        var own = found.FindAll(one => SegmentOrder.IsOf(Chain!, one.Header!.Value));
        Foreign = [.. found.Except(own).Select(static one => one.Name)];
        var ends = own.Count > 0 ? SegmentOrder.FindEnds(Chain!, own, static one => one.Header!.Value) : [];
        Segments = [.. damaged, .. ends.Select(static end => end.Segment with { UpTo = end.UpTo }).OrderBy(static one => one.Header!.Value.After).ThenBy(static one => one.Header!.Value.Number)];
    }
}
