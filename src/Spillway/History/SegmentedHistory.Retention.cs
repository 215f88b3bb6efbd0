using Spillway.History.Retention;
using Spillway.History.Sealed;

namespace Spillway.History;

/// <summary>How rules that keep events by themselves have their way: the cleaner takes from segments that are no longer written.</summary>
internal sealed partial class SegmentedHistory
{
    private Cleaner? _cleaner;

    /// <summary>Topics and keys of which the newest event is retained.</summary>
    public int RetainedKeyCount => _cleaner?.Keys.Count ?? 0;

    /// <summary>Bytes of events that are kept for that alone.</summary>
    public long RetainedBytes => _cleaner?.Keys.BytesBeyond ?? 0;

    public int EndedTopicCount => _retained.Ended.Count;

    public TimeSpan OldestAge => _retained.View.Segments[0] is { Count: > 0 } oldest ? TimeSpan.FromMilliseconds(Math.Max(0, Now - oldest.MinTime)) : TimeSpan.Zero;

    private Cleaner? MakeCleaner()
    {
        if (_limits.Retention is null)
        {
            return null;
        }

        ISegmentCleaner segments = _sealed is null ? new MemoryCleaner(_limits) : new DirectoryCleaner(_sealed, _store.Disk!, _limits, _logger);
        return _cleaner = new Cleaner(_retained, _limits, segments, _metrics, _logger) { Synced = () => Synced, Damaged = NoteDamage, IsStopping = () => _keeper!.IsStopping };
    }

    /// <summary>Begins a new segment where the one that is written has events that are too old: the cleaner takes only from others.</summary>
    private void RollTooOldLocked(long now)
    {
        if (_limits.Rules is not { } rules)
        {
            return;
        }

        if (_retained.View.Active is { Count: > 0, MinTime: var oldest } && now - oldest - rules.LeastAge > _limits.SegmentSpan)
        {
            TryRollLocked();
        }

        _keeper!.AskToClean();
    }

    private void NoteDamage(HistoryGap gap)
    {
        _metrics.DamageFound();
        Log.DamageFound(_logger, gap.From, gap.To);
        _retained.AddDamage(gap.From, gap.To);
    }
}
