using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Spillway.History.Retention;
using Spillway.History.Sealed;

namespace Spillway.History;

/// <summary>Does what is needed beside appending, on a thread of its own: seals segments that are synced, keeps rules within their bounds, deletes files of what was dropped.</summary>
internal sealed partial class SegmentKeeper : IDisposable
{
    private readonly Lock _working = new();
    private readonly ConcurrentQueue<Action> _chores = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly SealedStore? _store;
    private readonly ILogger _logger;
    private readonly Thread? _thread;
    private bool _isAtWork; // Under the lock.
    private Cleaner? _cleaner;
    private volatile bool _asked;
    private volatile bool _askedToClean;
    private volatile bool _stopped;

    /// <param name="store">Null: everything is in memory.</param>
    /// <param name="inBackground">False: all is done when it is asked for, by who asks; for tests that must do the same each time.</param>
    public SegmentKeeper(SealedStore? store, ILogger logger, bool inBackground)
    {
        (_store, _logger) = (store, logger);
        if (inBackground)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = "Spillway history keeper" };
        }
    }

    /// <summary>What it looks after, and up to which offset that is synced.</summary>
    public RetainedSegments Retained { get; set; } = null!;

    public Func<long> Synced { get; set; } = static () => 0;

    public bool IsStopping => _stopped;

    /// <summary>Milliseconds since 1970.</summary>
    public Func<long> Now { get; set; } = static () => 0;

    /// <summary>Begins to work, when all is loaded.</summary>
    /// <param name="cleaner">Null where no rule ever keeps events by itself.</param>
    public void Start(Func<long> synced, Cleaner? cleaner)
    {
        (Synced, _cleaner) = (synced, cleaner);
        _thread?.Start();
        AskToClean();
        Wake();
    }

    /// <summary>Takes something to be done by <see cref="Wake"/>. Any thread, under any lock.</summary>
    public void Add(Action chore)
    {
        _chores.Enqueue(chore);
        _asked = true;
    }

    /// <summary>Notes that a segment can be sealed. Any thread, under any lock.</summary>
    public void Ask() => _asked = true;

    /// <summary>Notes that something may have to go. Any thread, under any lock.</summary>
    public void AskToClean()
    {
        _askedToClean = true;
        _asked = true;
    }

    /// <summary>Has done what was noted. Cheap where that is nothing.</summary>
    public void Wake()
    {
        if (!_asked)
        {
            return;
        }

        _asked = false;
        if (_thread is null)
        {
            Settle();
        }
        else if (_wanted.CurrentCount == 0)
        {
            _wanted.Release();
        }
    }

    /// <summary>Does all that there is to do now.</summary>
    public void Settle()
    {
        lock (_working)
        {
            if (_isAtWork)
            {
                return; // Somebody works on its own thread's behalf, and has come here again.
            }

            _isAtWork = true;
            try
            {
                Work();
            }
            finally
            {
                _isAtWork = false;
            }
        }
    }

    /// <summary>Ends the thread after what it is at.</summary>
    public void Dispose()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        _wanted.Release();
        if (_thread is { ThreadState: not ThreadState.Unstarted })
        {
            _thread.Join();
        }

        _wanted.Dispose();
    }

    private void Work()
    {
        do
        {
            DoChores();
            while (_store is not null && Retained.FindToSeal(Synced()) is { } segment)
            {
                Seal(_store, segment);
            }
        }
        while (Clean());

        DoChores();
    }

    /// <summary>False: nothing more is to be cleaned. Else what waits has its turn first.</summary>
    private bool Clean()
    {
        if (_cleaner is null || !_askedToClean || _stopped)
        {
            return false;
        }

        _askedToClean = false;
        if (!_cleaner.Run(Now()))
        {
            return false;
        }

        _askedToClean = true;
        return true;
    }

    private void DoChores()
    {
        while (_chores.TryDequeue(out var chore))
        {
            chore();
        }
    }

    private void Seal(SealedStore store, Segment segment)
    {
        var fresh = store.Seal(segment);
        _cleaner?.Sealed(segment, fresh);
        if (!Retained.TryReplace(segment, fresh))
        {
            fresh.GiveUpPayload(); // Dropped meanwhile; its file is deleted by a chore.
            store.DeleteIndex(fresh);
            return;
        }

        _askedToClean = true; // Now it can be cleaned.
    }

    [SuppressMessage("Design", "CA1031", Justification = "What breaks once is tried again with the next segment; the history goes on without.")]
    private void Run()
    {
        while (!_stopped)
        {
            _wanted.Wait();
            try
            {
                Settle();
            }
            catch (Exception fault)
            {
                Log.Failed(_logger, fault);
            }
        }
    }
}
