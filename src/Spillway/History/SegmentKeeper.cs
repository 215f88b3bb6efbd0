using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Spillway.History.Sealed;

namespace Spillway.History;

/// <summary>Does what a directory needs beside appending, on a thread of its own: seals segments that are synced, deletes files of what was dropped.</summary>
internal sealed partial class SegmentKeeper : IDisposable
{
    private readonly Lock _working = new();
    private readonly ConcurrentQueue<Action> _chores = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly SealedStore _store;
    private readonly ILogger _logger;
    private readonly Thread? _thread;
    private bool _isAtWork; // Under the lock.
    private volatile bool _asked;
    private volatile bool _stopped;

    /// <param name="inBackground">False: all is done when it is asked for, by who asks; for tests that must do the same each time.</param>
    public SegmentKeeper(SealedStore store, ILogger logger, bool inBackground)
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

    public void Start(Func<long> synced)
    {
        Synced = synced;
        _thread?.Start();
        Ask();
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
        while (_chores.TryDequeue(out var chore))
        {
            chore();
        }

        while (Retained.FindToSeal(Synced()) is { } segment)
        {
            Seal(segment);
        }
    }

    private void Seal(Segment segment)
    {
        var fresh = _store.Seal(segment);
        if (!Retained.TryReplace(segment, fresh))
        {
            fresh.GiveUpPayload(); // Dropped meanwhile; its file is deleted by a chore.
            _store.DeleteIndex(fresh);
        }
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
