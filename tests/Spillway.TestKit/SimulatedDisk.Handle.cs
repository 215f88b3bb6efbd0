using Spillway.History.Storage;

namespace Spillway.TestKit;

internal sealed partial class SimulatedDisk
{
    /// <summary>An open file: good for one life, also when its name is gone.</summary>
    private sealed class Handle(SimulatedDisk disk, string name, SimulatedFile file, bool writable) : IDiskFile
    {
        private readonly int _life = disk._life;
        private bool _closed;

        public long Length
        {
            get
            {
                using var held = Enter(false);
                return file.Length;
            }
        }

        public FileIdentity Identity => disk.TellsIdentities ? file.Identity : default;

        public int Read(long at, Span<byte> bytes)
        {
            using var held = Enter(false);
            return file.Read(at, bytes);
        }

        public void Write(long at, ReadOnlySpan<byte> bytes)
        {
            using var held = Enter(true);
            disk.Write(file, at, bytes);
        }

        public void SetLength(long length)
        {
            using var held = Enter(true);
            disk.DieIf(disk.Step(InputOutput));
            file.SetLength(length);
        }

        public void Sync()
        {
            int changes;
            using (Enter(true))
            {
                changes = file.Unsynced; // What is written meanwhile is not promised.
            }

            disk.OnSync?.Invoke(name);
            using var held = Enter(true);
            disk.Sync(file, changes);
        }

        public void Dispose() => _closed = true;

        private Lock.Scope Enter(bool toWrite)
        {
            var held = disk._lock.EnterScope();
            try
            {
                disk.CheckAlive(_life);
                ObjectDisposedException.ThrowIf(_closed, this);
                return writable || !toWrite ? held : throw new IOException($"\"{name}\" is open for reading only.");
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
    }
}
