using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Spillway.History.Storage;

/// <summary>One segment's file: <see cref="SegmentHeader"/>, then records.</summary>
internal sealed partial class SegmentFile(string path, SegmentHeader header, long length, ILogger logger) : ISegmentFile
{
    private SafeFileHandle? _handle; // Only of the segment being written or loaded: a long history has more files than a process may open.

    public string Path { get; } = path;

    public SegmentHeader Header { get; } = header;

    /// <summary>Bytes of the file that hold header and whole records.</summary>
    public long Length { get; private set; } = length;

    private SafeFileHandle Handle => _handle ??= File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);

    /// <summary>Makes a new file.</summary>
    public static SegmentFile Create(string path, SegmentHeader header, ILogger logger)
    {
        var file = new SegmentFile(path, header, SegmentHeader.Length, logger)
        {
            _handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read),
        };
        try
        {
            RandomAccess.Write(file.Handle, header.ToBytes(), 0);
            return file;
        }
        catch
        {
            file.Delete();
            throw;
        }
    }

    /// <summary>Looks at a file that is there; null if its header is not whole.</summary>
    public static SegmentFile? TryOpen(string path, ILogger logger)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> head = stackalloc byte[SegmentHeader.Length];
        return RandomAccess.Read(handle, head, 0) == head.Length && SegmentHeader.TryRead(head, out var header)
            ? new SegmentFile(path, header, RandomAccess.GetLength(handle), logger)
            : null;
    }

    /// <summary>All that follows the header, whole records or not.</summary>
    public byte[] ReadRecords()
    {
        var bytes = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(RandomAccess.GetLength(Handle) - SegmentHeader.Length, 0, Array.MaxLength));
        var length = 0;
        while (length < bytes.Length && RandomAccess.Read(Handle, bytes.AsSpan(length), SegmentHeader.Length + length) is var read and > 0)
        {
            length += read;
        }

        Array.Resize(ref bytes, length);
        return bytes;
    }

    public void Write(Span<byte> records)
    {
        RecordChecksum.Stamp(records, Header.Seed);
        try
        {
            RandomAccess.Write(Handle, records, Length);
        }
        catch (IOException)
        {
            TryCut(Length); // What came through of a failed write must not be found by the next start; the segment that follows says so too.
            throw;
        }

        Length += records.Length;
    }

    /// <summary>Gives up what is behind the last whole record.</summary>
    public void TryCut(long length)
    {
        try
        {
            RandomAccess.SetLength(Handle, length);
            Length = length;
        }
        catch (IOException fault)
        {
            Log.NotCut(logger, fault, Path);
        }
    }

    public void Seal()
    {
        _handle?.Dispose();
        _handle = null;
    }

    public void Delete()
    {
        Seal();
        try
        {
            File.Delete(Path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Log.NotDeleted(logger, fault, Path);
        }
    }
}
