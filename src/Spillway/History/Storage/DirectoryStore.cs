using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Spillway.Events;
using Spillway.History.Sealed;

namespace Spillway.History.Storage;

/// <summary>Stores segments in a directory: a file each, the file <c>state</c>, and a lock. Every write is with the operating system before it returns.</summary>
internal sealed partial class DirectoryStore : ISegmentStore
{
    /// <summary>So many offsets are reserved ahead; an unclean stop skips them.</summary>
    public const long ReservedOffsets = 1_048_576;

    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(25); // Meanwhile nobody serves: in a rolling restart this is a part of the outage.

    private const string Extension = ".segment";

    private readonly string _directory; // For people.
    private readonly IDisk _disk;
    private readonly ILogger _logger;
    private readonly IDisposable _lock;
    private readonly StateFile _state;
    private readonly List<SegmentFile> _found = [];
    private long _synced = long.MaxValue; // So far all is known to outlive a power loss.
    private readonly string? _newestDamaged; // Name of the newest file whose header could not be read.
    private readonly BranchCause _cause; // Why this start begins a new epoch, if it does.
    private bool _lostTail; // The end of the newest file is damaged, and no crash tore it.
    private long _reserved;
    private ulong _lastNumber;

    private DirectoryStore(string directory, IDisk disk, IDisposable held, StateFile state, bool branch, ILogger logger)
    {
        (_directory, _disk, _lock, _state, _logger) = (directory, disk, held, state, logger);
        var finder = SegmentFinder.Find(disk, directory, Extension, state.Last?.Chain, logger);
        _found = finder.Found;
        _newestDamaged = finder.NewestDamaged;
        _cause = state.Last is null ? (finder.Chain is null ? BranchCause.None : BranchCause.StateLost)
            : state.IsCopy ? BranchCause.Copied : branch ? BranchCause.Asked : BranchCause.None;
        Chain = finder.Chain ?? new EpochChain(HistoryEpoch.Create(), []);
        if (state.Last is not { Next: > 0 })
        {
            _synced = _found.Count > 0 ? _found.Max(static file => file.Header.Synced) : 0;
        }

        _lastNumber = _found.Count > 0 ? _found.Max(static file => file.Header.Number) : 0;
    }

    public EpochChain Chain { get; private set; }

    public bool IsDurable => true;

    /// <exception cref="HistoryLockedException">Another process has the directory.</exception>
    public static DirectoryStore Open(string directory, ILogger logger) => Open(directory, logger, TimeSpan.Zero, TimeProvider.System, CancellationToken.None);

    /// <param name="wait">How long to wait for another process to let the directory go.</param>
    /// <exception cref="HistoryLockedException">Another process has the directory, still.</exception>
    public static DirectoryStore Open(string directory, ILogger logger, TimeSpan wait, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            // Private events are in it. A directory that exists keeps its mode.
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return Open(directory, new RealDisk(directory), Hold(directory, logger, wait, clock, cancellationToken), logger);
    }

    /// <summary>Opens a history on a disk that this process holds for itself. Takes the hold over, also if it throws.</summary>
    /// <param name="branch">Begins a new epoch, as for a copy, also where this cannot be told from the original.</param>
    public static DirectoryStore Open(string directory, IDisk disk, IDisposable held, ILogger logger, bool branch = false)
    {
        StateFile? state = null;
        try
        {
            state = StateFile.Open(disk);
            return new DirectoryStore(directory, disk, held, state, branch, logger);
        }
        catch
        {
            state?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>Is told how many segments have been read, of how many.</summary>
    public Action<int, int>? Loaded { get; set; }

    public IDisk? Disk => _disk;

    public long Synced => _synced;

    public IEnumerable<StoredSegment> Load(SealedStore? sealedStore)
    {
        for (var i = 0; i < _found.Count; i++)
        {
            var isLast = i == _found.Count - 1;
            var upTo = Math.Min(isLast ? long.MaxValue : _found[i + 1].Header.After, Chain.LastOf(_found[i].Header.Epoch) ?? 0);
            yield return (isLast ? null : TryLoadSealed(sealedStore, _found[i], upTo)) ?? Load(_found[i], upTo, isLast);
            Loaded?.Invoke(i + 1, _found.Count);
        }

        if (_found.Count > 0)
        {
            sealedStore?.ForgetSidecar(_found[^1].Name); // It may be appended to.
        }
    }

    public StoredStart Begin(long head)
    {
        var lostTail = _lostTail || (_newestDamaged is not null && (_found.Count == 0 || string.CompareOrdinal(_newestDamaged, _found[^1].Name) > 0));
        var isNew = _state.Last is null && _found.Count == 0 && !lostTail;
        long next;
        if (isNew)
        {
            next = 1;
        }
        else if (_state.Last is { } state && state.Next > head && !lostTail)
        {
            next = state.Next + 1; // One is left out: ephemeral events are numbered behind it, as those before the stop were behind an earlier one.
        }
        else
        {
            next = Math.Max(_state.Last?.Reserved ?? 0, head + ReservedOffsets) + 1;
            Log.Unclean(_logger, _directory, next);
        }

        if (_cause != BranchCause.None)
        {
            Branch(head);
        }

        WriteReserved(next - 1 + ReservedOffsets);
        TellBranch(head);
        return new StoredStart(next, lostTail, Math.Min(head, _synced));
    }

    public void Reserve(long offset)
    {
        if (offset > _reserved - (ReservedOffsets / 2))
        {
            WriteReserved(offset + ReservedOffsets);
        }
    }

    public ISegmentFile Create(long after, long synced, bool isHidden = false)
    {
        var header = new SegmentHeader(
            Chain.Epoch, after, ++_lastNumber, BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)), synced, Chain.Ancestors is [var parent, ..] ? parent.Epoch : 0);
        var name = string.Create(CultureInfo.InvariantCulture, $"{after + 1:D20}-{header.Number:D10}{Extension}");
        return SegmentFile.Create(_disk, name, isHidden, header, _logger);
    }

    public void SyncNames() => _disk.SyncDirectory();

    public void End(long nextOffset)
    {
        try
        {
            _state.Write(new HistoryState(Chain, _reserved, nextOffset));
        }
        catch (IOException fault)
        {
            Log.EndNotNoted(_logger, fault, _directory);
        }
    }

    public void Dispose()
    {
        _state.Dispose();
        _lock.Dispose();
    }

    private static DirectoryLock Hold(string directory, ILogger logger, TimeSpan wait, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var never = new ManualResetEventSlim();
        var began = clock.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                var held = DirectoryLock.Acquire(directory);
                if (!isFirst)
                {
                    Log.Waited(logger, directory, clock.GetElapsedTime(began));
                }

                return held;
            }
            catch (HistoryLockedException fault) when (clock.GetElapsedTime(began) < wait)
            {
                if (isFirst)
                {
                    Log.Waits(logger, fault.Message, wait);
                }
            }

            never.Wait(LookAgainAfter, cancellationToken); // No system tells when a lock of another process goes.
        }
    }

    /// <summary>
    /// Begins a new epoch that has all up to the head in common with the one that was found. No further, whatever a clean stop noted: files of a copy may be of different times. Nobody has
    /// synced them yet, and what is in common must stay so.
    /// </summary>
    private void Branch(long head)
    {
        foreach (var file in _found)
        {
            file.Seal(); // Nothing is appended to it, so that it need not stay open.
            file.Sync();
        }

        _disk.SyncDirectory();
        Chain = Chain.Branch(HistoryEpoch.Create(), head);
    }

    private void TellBranch(long head)
    {
        var (cursor, epoch) = (new Position(Chain.Ancestors is [var parent, ..] ? parent.Epoch : 0, head), Position.NameOf(Chain.Epoch));
        switch (_cause)
        {
            case BranchCause.Copied:
                Log.Copied(_logger, _directory, epoch, cursor);
                break;
            case BranchCause.StateLost:
                Log.StateLost(_logger, _directory, epoch, cursor);
                break;
            case BranchCause.Asked:
                Log.Branched(_logger, _directory, epoch, cursor);
                break;
        }
    }

    private void WriteReserved(long reserved)
    {
        _state.Write(new HistoryState(Chain, reserved, 0));
        _reserved = reserved;
    }

    private StoredSegment? TryLoadSealed(SealedStore? sealedStore, SegmentFile file, long upTo)
    {
        var ends = new List<SidecarEnd>();
        if (sealedStore?.TryOpen(file, ends) is not { } found || found.LastOffset > upTo)
        {
            return null;
        }

        _synced = Math.Max(_synced, found.LastOffset); // Or it would not have been sealed.
        IReadOnlyList<HistoryGap> damage = found.LastOffset < upTo ? [.. found.Head.Damage, new HistoryGap(found.LastOffset, upTo, null, Corrupt: true)] : found.Head.Damage;
        return new StoredSegment(found.After, [], 0, file, CanAppend: false, damage) { Sealed = found, Ends = ends };
    }

    private StoredSegment Load(SegmentFile file, long upTo, bool isLast)
    {
        var bytes = file.ReadRecords();
        var scan = SegmentScan.Run(bytes, bytes.Length, file.Header.Seed, file.Header.After, upTo, wholeAfter: _synced);
        var damage = new List<HistoryGap>(scan.Damage);
        var last = Math.Max(scan.LastOffset, Math.Min(file.Header.CleanedUpTo, upTo)); // What retention took is no damage.
        if (!isLast && last < upTo)
        {
            damage.Add(new HistoryGap(last, upTo, null, Corrupt: true));
        }

        foreach (var gap in damage)
        {
            Log.DamageSkipped(_logger, Path.Combine(_directory, file.Name), gap.From, gap.To);
        }

        var torn = isLast && scan.HasTornTail ? bytes.Length - scan.GoodEnd : 0;
        var canAppend = isLast && damage.Count == 0 && _cause == BranchCause.None && file.Header.Epoch == Chain.Epoch && file.Header.Cleaned == 0;
        if (torn > 0)
        {
            Log.TailCut(_logger, Path.Combine(_directory, file.Name), torn);
            _lostTail = _synced == long.MaxValue;
            // For good: a part of a batch must not come back once later offsets are synced. Else another file begins here, and what is behind is dead.
            canAppend &= file.TryCut(SegmentHeader.Length + scan.GoodEnd, forGood: true);
        }

        if (!isLast)
        {
            file.Seal();
        }

        return new StoredSegment(file.Header.After, bytes, scan.Length, file, canAppend, damage)
        {
            Holes = scan.Holes,
            CutBytes = torn,
            CleanedUpTo = Math.Min(file.Header.CleanedUpTo, upTo),
        };
    }
}
