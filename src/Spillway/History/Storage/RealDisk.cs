using Microsoft.Win32.SafeHandles;

namespace Spillway.History.Storage;

/// <summary>A directory of the file system.</summary>
internal sealed partial class RealDisk(string directory) : IDisk
{
    public IReadOnlyList<string> List() =>
        [.. Directory.EnumerateFiles(directory).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public IDiskFile Create(string name) =>
        new RealFile(File.OpenHandle(PathOf(name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete));

    public IDiskFile Open(string name, bool writable) => new RealFile(File.OpenHandle(
        PathOf(name), FileMode.Open, writable ? FileAccess.ReadWrite : FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

    public void Rename(string from, string to) => File.Move(PathOf(from), PathOf(to), overwrite: true);

    public void Delete(string name) => File.Delete(PathOf(name));

    public void SyncDirectory()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // A directory cannot be opened there; the file system's journal orders what happens to its entries.
        }

        using var handle = Native.Open(directory);
        Native.Sync(handle, dataOnly: false);
    }

    private string PathOf(string name) => Path.Combine(directory, name);

    private sealed class RealFile(SafeFileHandle handle) : IDiskFile
    {
        public long Length => RandomAccess.GetLength(handle);

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
