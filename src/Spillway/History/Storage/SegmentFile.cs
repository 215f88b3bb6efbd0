using Microsoft.Extensions.Logging;

namespace Spillway.History.Storage;

/// <summary>One segment's file: <see cref="SegmentHeader"/>, then records.</summary>
internal sealed partial class SegmentFile(IDisk disk, string name, SegmentHeader header, long length, ILogger logger) : ISegmentFile
{
    /// <summary>Behind the name of a file that is to be shown once it is whole. A start deletes it.</summary>
    public const string HiddenExtension = ".new";

    private readonly Lock _closing = new();
    private string _name = name;
    private IDiskFile? _file; // Only of a segment being written, loaded, or not synced: a long history has more files than a process may open.
    private long _synced = length;
    private bool _sealed;
    private volatile bool _deleted;

    public string Name => _name;

    public SegmentHeader Header { get; } = header;

    /// <summary>Bytes of the file that hold header and whole records.</summary>
    public long Length { get; private set; } = length;

    private IDiskFile File => _file ??= disk.Open(Name, writable: true);

    /// <summary>Makes a new file.</summary>
    public static SegmentFile Create(IDisk disk, string name, bool isHidden, SegmentHeader header, ILogger logger)
    {
        name += isHidden ? HiddenExtension : "";
        var file = new SegmentFile(disk, name, header, SegmentHeader.Length, logger) { _file = disk.Create(name), _synced = 0 };
        try
        {
            file.File.Write(0, header.ToBytes());
            return file;
        }
        catch
        {
            file.Delete();
            throw;
        }
    }

    /// <summary>Looks at a file that is there; null if its header is not whole.</summary>
    public static SegmentFile? TryOpen(IDisk disk, string name, ILogger logger, out long length)
    {
        using var file = disk.Open(name, writable: false);
        length = file.Length;
        Span<byte> head = stackalloc byte[SegmentHeader.Length];
        return file.Read(0, head) == head.Length && SegmentHeader.TryRead(head, out var header) ? new SegmentFile(disk, name, header, length, logger) : null;
    }

    /// <summary>All that follows the header, whole records or not.</summary>
    public byte[] ReadRecords()
    {
        var bytes = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(File.Length - SegmentHeader.Length, 0, Array.MaxLength));
        var length = File.Read(SegmentHeader.Length, bytes);
        Array.Resize(ref bytes, length);
        return bytes;
    }

    public void Write(Span<byte> records)
    {
        RecordChecksum.Stamp(records, Header.Seed);
        try
        {
            File.Write(Length, records);
        }
        catch (IOException)
        {
            TryCut(Length); // What came through of a failed write must not be found by the next start; the segment that follows says so too.
            throw;
        }

        Length += records.Length;
    }

    public void Show()
    {
        if (Name.EndsWith(HiddenExtension, StringComparison.Ordinal))
        {
            var shown = Name[..^HiddenExtension.Length];
            disk.Rename(Name, shown);
            _name = shown;
        }
    }

    /// <summary>Gives up what is behind the last whole record.</summary>
    /// <param name="forGood">Also after a power loss.</param>
    public bool TryCut(long length, bool forGood = false)
    {
        try
        {
            File.SetLength(length);
            Length = length;
            if (forGood)
            {
                File.Sync();
            }

            return true;
        }
        catch (IOException fault)
        {
            Log.NotCut(logger, fault, Name);
            return false;
        }
    }

    public void Sync()
    {
        IDiskFile file;
        long length;
        lock (_closing)
        {
            if (_deleted)
            {
                return;
            }

            (file, length) = (File, Length);
        }

        try
        {
            file.Sync();
        }
        catch (ObjectDisposedException) when (_deleted)
        {
            return; // Retention was faster.
        }

        lock (_closing)
        {
            _synced = length;
            CloseIfDone();
        }
    }

    public void Seal()
    {
        lock (_closing)
        {
            _sealed = true;
            CloseIfDone();
        }
    }

    /// <summary>A sealed file stays open until it is synced: an error of the disk is told to those who had it open at the time.</summary>
    private void CloseIfDone()
    {
        if (_sealed && _synced >= Length)
        {
            Close();
        }
    }

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    /// <summary>Closes it for good: it is about to be deleted, by this or by who deletes several in order.</summary>
    public void GiveUp()
    {
        lock (_closing)
        {
            _deleted = true;
            Close();
        }
    }

    public bool Delete()
    {
        GiveUp();
        try
        {
            disk.Delete(Name);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Log.NotDeleted(logger, fault, Name);
            return false;
        }
    }
}
