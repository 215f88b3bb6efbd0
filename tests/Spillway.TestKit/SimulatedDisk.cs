using Spillway.History.Storage;

namespace Spillway.TestKit;

/// <summary>
/// A disk in memory that keeps no more than a disk promises: at a power loss what was not synced is lost, torn or reordered, names too. It dies at a chosen step, and fails
/// by chance, by order, or for want of room. Everything follows from the seed.
/// </summary>
internal sealed partial class SimulatedDisk(int seed) : IDisk
{
    private const int InputOutput = 5; // EIO
    private const int NoRoom = 28; // ENOSPC
    private const int ReadOnlySystem = 30; // EROFS

    private static long _filesMade; // On all disks.

    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly List<Action<SortedDictionary<string, SimulatedFile>>> _unsynced = []; // Changes of names.
    private SortedDictionary<string, SimulatedFile> _seen = new(StringComparer.Ordinal);
    private SortedDictionary<string, SimulatedFile> _kept = new(StringComparer.Ordinal);
    private int _life; // Handles of an earlier life do nothing any more.
    private bool _dead;

    /// <summary>Steps that changed something, or tried to.</summary>
    public long Steps { get; private set; }

    /// <summary>The step in the middle of which the process dies.</summary>
    public long DiesAt { get; set; } = long.MaxValue;

    public bool IsDead => _dead;

    /// <summary>How likely a step fails with EIO or ENOSPC, from 0 to 1.</summary>
    public double FaultRate { get; set; }

    /// <summary>How many syncs of files fail next with EIO, each once.</summary>
    public int FailingSyncs { get; set; }

    public bool IsReadOnly { get; set; }

    /// <summary>Whether files can be told from their copies.</summary>
    public bool TellsIdentities { get; set; } = true;

    /// <summary>The most bytes that all files may have together.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Runs in the middle of every sync of a file, with its name.</summary>
    public Action<string>? OnSync { get; set; }

    /// <summary>Files that were made.</summary>
    public int Created { get; private set; }

    /// <summary>Faults that were thrown.</summary>
    public int Faults { get; private set; }

    /// <summary>Bytes of all files together.</summary>
    public long Used => _seen.Values.Sum(static file => file.Length);

    public IReadOnlyList<string> List()
    {
        lock (_lock)
        {
            CheckAlive(_life);
            return [.. _seen.Keys];
        }
    }

    public IDiskFile Create(string name)
    {
        lock (_lock)
        {
            var file = MakeFile();
            Change(names => names[name] = file, isFree: !_seen.ContainsKey(name), name);
            Created++;
            return new Handle(this, name, file, writable: true);
        }
    }

    public IDiskFile Open(string name, bool writable)
    {
        lock (_lock)
        {
            CheckAlive(_life);
            return _seen.TryGetValue(name, out var file) ? new Handle(this, name, file, writable) : throw new FileNotFoundException(null, name);
        }
    }

    public void Rename(string from, string to)
    {
        lock (_lock)
        {
            Change(
                names =>
                {
                    if (names.Remove(from, out var file)) // Else its creation was lost, and this with it.
                    {
                        names[to] = file;
                    }
                },
                isFree: _seen.ContainsKey(from),
                from);
        }
    }

    public void Delete(string name)
    {
        lock (_lock)
        {
            Change(names => names.Remove(name), isFree: true, name);
        }
    }

    public void SyncDirectory()
    {
        lock (_lock)
        {
            DieIf(Step(InputOutput));
            _kept = new SortedDictionary<string, SimulatedFile>(_seen, StringComparer.Ordinal);
            _unsynced.Clear();
        }
    }

    /// <summary>Kills the process, if it lives, and begins a new one: with all that was written, or after a power loss.</summary>
    public void Restart(bool powerLoss)
    {
        lock (_lock)
        {
            _life++;
            (_dead, DiesAt) = (false, long.MaxValue);
            if (!powerLoss)
            {
                return;
            }

            var fate = _random.Next(3); // The names of most file systems are kept in order; of none is it promised.
            var first = _random.Next(_unsynced.Count + 1);
            for (var i = 0; i < _unsynced.Count; i++)
            {
                if (fate == 0 ? i < first : fate == 1 || _random.Next(2) == 0)
                {
                    _unsynced[i](_kept);
                }
            }

            _unsynced.Clear();
            foreach (var file in _kept.Values.Distinct())
            {
                file.LosePower(_random);
            }

            _seen = new SortedDictionary<string, SimulatedFile>(_kept, StringComparer.Ordinal);
        }
    }

    /// <summary>Copies another disk's files, as they can be read there, onto this one. Nothing of that is synced.</summary>
    /// <param name="intoFiles">False: this disk's files go, and each copy is a file of its own. True: content goes into files of the same name, and those that are only here stay.</param>
    public void CopyFrom(SimulatedDisk other, bool intoFiles = false)
    {
        lock (_lock)
        {
            foreach (var name in intoFiles ? [] : _seen.Keys.ToArray())
            {
                Change(names => names.Remove(name), isFree: true, name);
            }

            foreach (var (name, content) in other._seen)
            {
                if (!_seen.TryGetValue(name, out var file))
                {
                    file = MakeFile();
                    Change(names => names[name] = file, isFree: true, name);
                }

                var bytes = new byte[content.Length];
                content.Read(0, bytes);
                file.SetLength(0);
                file.Write(0, bytes);
            }
        }
    }

    /// <summary>The process dies now.</summary>
    public void Kill() => _dead = true;

    private static IOException Fault(int error) => new($"Simulated fault {error}.", error);

    private void Change(Action<SortedDictionary<string, SimulatedFile>> change, bool isFree, string name)
    {
        var dies = Step(InputOutput, NoRoom);
        if (!isFree)
        {
            throw new IOException($"\"{name}\" is there, or not there.");
        }

        if (!dies || _random.Next(2) == 0)
        {
            change(_seen);
            _unsynced.Add(change);
        }

        DieIf(dies);
    }

    private static SimulatedFile MakeFile() => new(new FileIdentity((ulong)Interlocked.Increment(ref _filesMade), 1));

    private void CheckAlive(int life)
    {
        if (_dead || life != _life)
        {
            throw new SimulatedCrashException();
        }
    }

    /// <summary>Counts a step, or lets it fail. True: the process is to die in its middle.</summary>
    private bool Step(params ReadOnlySpan<int> errors)
    {
        CheckAlive(_life);
        var dies = ++Steps >= DiesAt;
        if (IsReadOnly || _random.NextDouble() < FaultRate)
        {
            Faults++;
            throw Fault(IsReadOnly ? ReadOnlySystem : errors[_random.Next(errors.Length)]);
        }

        return dies;
    }

    private void DieIf(bool dies)
    {
        if (dies)
        {
            _dead = true;
            throw new SimulatedCrashException();
        }
    }

    private void Write(SimulatedFile file, long at, ReadOnlySpan<byte> bytes)
    {
        bool dies;
        try
        {
            dies = Step(InputOutput, NoRoom);
        }
        catch (IOException) when (!IsReadOnly)
        {
            file.Write(at, bytes[..(_random.Next(4) == 0 ? bytes.Length : _random.Next(bytes.Length))]); // Any part of it may have come through.
            throw;
        }

        var room = Math.Max(0, Capacity - Used + file.Length - Math.Min(file.Length, at));
        if (bytes.Length > room)
        {
            Faults++;
            file.Write(at, bytes[..(int)room]);
            throw Fault(NoRoom);
        }

        file.Write(at, dies ? bytes[.._random.Next(bytes.Length + 1)] : bytes);
        DieIf(dies);
    }

    private void Sync(SimulatedFile file, int changes)
    {
        var dies = false;
        try
        {
            dies = Step(InputOutput, NoRoom);
            if (FailingSyncs > 0)
            {
                (FailingSyncs, Faults) = (FailingSyncs - 1, Faults + 1);
                throw Fault(InputOutput);
            }
        }
        catch (IOException)
        {
            file.FailSync(_random);
            throw;
        }

        DieIf(dies); // What of it came through is for the power loss to say.
        file.Sync(changes);
    }
}
