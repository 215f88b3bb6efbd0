using Microsoft.Win32.SafeHandles;

namespace Spillway.History.Storage;

/// <summary>A directory of the file system.</summary>
internal sealed partial class RealDisk(string directory) : IDisk
{
    private const int NoPermission = 13; // EACCES

    public IReadOnlyList<string> List() =>
        Try(() => (string[])[.. Directory.EnumerateFiles(directory).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]);

    public IDiskFile Create(string name) => Try(() => new RealFile(
        File.OpenHandle(PathOf(name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete)));

    public IDiskFile Open(string name, bool writable) => Try(() => new RealFile(
        File.OpenHandle(PathOf(name), FileMode.Open, writable ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)));

    public void Rename(string from, string to) => Try(() =>
    {
        File.Move(PathOf(from), PathOf(to), overwrite: true);
        return 0;
    });

    public void Delete(string name) => Try(() =>
    {
        File.Delete(PathOf(name));
        return 0;
    });

    public void SyncDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // A directory cannot be opened there; the file system's journal orders what happens to its entries.
        }

        using var handle = Native.Open(directory);
        Native.Sync(handle, dataOnly: false);
    }

    /// <summary>Missing rights are a fault of the disk like any other.</summary>
    private static T Try<T>(Func<T> access)
    {
        try
        {
            return access();
        }
        catch (UnauthorizedAccessException fault)
        {
            throw new IOException(fault.Message, fault) { HResult = NoPermission };
        }
    }

    private string PathOf(string name) => Path.Combine(directory, name);

    private sealed class RealFile(SafeFileHandle handle) : IDiskFile
    {
        public long Length => RandomAccess.GetLength(handle);

        public FileIdentity Identity => Native.Identify(handle);

        public int Read(long at, Span<byte> bytes)
        {
            var done = 0;
            while (done < bytes.Length && RandomAccess.Read(handle, bytes[done..], at + done) is var read and > 0)
            {
                done += read;
            }

            return done;
        }

        public void Write(long at, ReadOnlySpan<byte> bytes) => RandomAccess.Write(handle, bytes, at);

        public void SetLength(long length) => RandomAccess.SetLength(handle, length);

        public void Sync()
        {
            if (OperatingSystem.IsLinux())
            {
                Native.Sync(handle, dataOnly: true);
            }
            else
            {
                RandomAccess.FlushToDisk(handle);
            }
        }

        public void Dispose() => handle.Dispose();
    }
}
