using System.Collections.Concurrent;
using Spillway.History.Storage;

namespace Spillway.TestKit;

/// <summary>A directory that counts what is read of each file, and fails where a test says so.</summary>
internal sealed class WatchedDisk(string directory) : IDisk
{
    private readonly RealDisk _disk = new(directory);

    /// <summary>Bytes read, by file.</summary>
    public ConcurrentDictionary<string, long> BytesRead { get; } = new(StringComparer.Ordinal);

    /// <summary>Is asked before a file is made.</summary>
    public Action<string>? OnCreate { get; set; }

    /// <summary>Is asked before bytes are read.</summary>
    public Action<string, long>? OnRead { get; set; }

    /// <summary>Is asked before a file is deleted.</summary>
    public Action<string>? OnDelete { get; set; }

    public IReadOnlyList<string> List() => _disk.List();

    public IDiskFile Create(string name)
    {
        OnCreate?.Invoke(name);
        return new WatchedFile(this, name, _disk.Create(name));
    }

    public IDiskFile Open(string name, bool writable) => new WatchedFile(this, name, _disk.Open(name, writable));

    public void Rename(string from, string to) => _disk.Rename(from, to);

    public void Delete(string name)
    {
        OnDelete?.Invoke(name);
        _disk.Delete(name);
    }

    public void SyncDirectory() => _disk.SyncDirectory();

    private sealed class WatchedFile(WatchedDisk disk, string name, IDiskFile file) : IDiskFile
    {
        public long Length => file.Length;

        public FileIdentity Identity => file.Identity;

        public int Read(long at, Span<byte> bytes)
        {
            disk.OnRead?.Invoke(name, at);
            var read = file.Read(at, bytes);
            disk.BytesRead.AddOrUpdate(name, read, (_, sum) => sum + read);
            return read;
        }

        public void Write(long at, ReadOnlySpan<byte> bytes) => file.Write(at, bytes);

        public void SetLength(long length) => file.SetLength(length);

        public void Sync() => file.Sync();

        public void Dispose() => file.Dispose();
    }
}
