using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>How subscriptions take strands, and give them back.</summary>
internal sealed partial class Dispatcher
{
    private readonly List<int> _found = []; // Under the lock.

    /// <summary>Finds or makes the strands of a set for a loop. Null if the limit of topics is reached.</summary>
    public ResolvedStrands? Resolve(SelectorSet selectors, int loop)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return null;
            }

            ReleaseAllLocked();
            var found = _found;
            found.Clear();
            var birth = _unlinkedUpTo;
            var allEnded = selectors.Patterns.Count == 0;
            foreach (var topic in selectors.Topics)
            {
                var strand = FindOrAddTopic(topic);
                if (strand < 0)
                {
                    ReleaseLocked(found, loop);
                    return null;
                }

                Hold(found, strand, loop);
                allEnded = allEnded && strands[strand].Ended != 0;
            }

            foreach (var pattern in selectors.Patterns)
            {
                var strand = strands.FindOrAdd(pattern, out var added);
                if (strand < 0)
                {
                    ReleaseLocked(found, loop);
                    return null;
                }

                if (added)
                {
                    _patterns.Add(pattern, strand, window.Head);
                }

                Hold(found, strand, loop);
                birth = Math.Max(birth, _patterns.BirthOf(strand));
            }

            if (selectors.Patterns.Count > 0)
            {
                Hold(found, StrandTable.Overflow, loop);
            }

            found.Sort();
            return new ResolvedStrands([.. found], birth, window.Head, window.OffsetAt(window.Head), allEnded);
        }
    }

    /// <summary>
    /// Gives a set's strands back. Never waits: a loop calls it below a pin, for which the dispatcher may be waiting under its lock. Whoever has the lock next does the work.
    /// </summary>
    public void Release(int[] resolved, int loop)
    {
        _released.Enqueue((resolved, loop));
        TryReleaseAll();
    }

    private void TryReleaseAll()
    {
        // Whoever fails to get the lock leaves its entry to the holder, who looks again after letting go.
        while (!_released.IsEmpty && _gate.TryEnter())
        {
            try
            {
                ReleaseAllLocked();
            }
            finally
            {
                _gate.Exit();
            }
        }
    }

    private void ReleaseAllLocked()
    {
        while (_released.TryDequeue(out var released))
        {
            if (!_closed)
            {
                ReleaseLocked(released.Strands, released.Loop);
            }
        }
    }

    private void Hold(List<int> found, int strand, int loop)
    {
        strands.AddReference(strand, loop);
        found.Add(strand);
    }

    private void ReleaseLocked(IReadOnlyList<int> resolved, int loop)
    {
        foreach (var strand in resolved)
        {
            strands.Release(strand, loop, window.Tail);
        }
    }
}
