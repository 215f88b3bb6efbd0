using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Spillway.Events;

namespace Spillway.History.Retention;

/// <summary>
/// The newest event of every topic and key (public and private apart) of the rules that retain it. Bounded in keys by each rule and by the hub: those that were not written for the longest are let
/// go. By hashes with a secret seed: a million of them meet once in 10^7 hubs. The keeper's, but for what it counts.
/// </summary>
internal sealed partial class RetainedKeys(HistoryLimits limits, HistoryMetrics metrics, ILogger logger)
{
    private readonly Dictionary<ulong, RetainedValue> _newest = [];
    private readonly Dictionary<ulong, long> _ends = []; // Of topics: the end's offset. Until the next Settle.
    private RetentionRules? _rules;
    private WriteOrder[] _orders = [];
    private bool[] _told = []; // Of every rule, then of the hub's two limits.
    private int _count;
    private long _bytesBeyond;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Bytes of events that are kept for this alone.</summary>
    public long BytesBeyond => Volatile.Read(ref _bytesBeyond);

    /// <summary>Whether no rule has room for a key that was written before all others.</summary>
    public bool IsFull => _count >= limits.RetainedKeys || Enumerable.Range(0, _orders.Length).All(IsFullOf);

    private int HubKeys => _orders.Length;

    private int HubBytes => _orders.Length + 1;

    /// <summary>Forgets everything, and begins by some rules.</summary>
    public void Begin(RetentionRules? rules)
    {
        _newest.Clear();
        _newest.TrimExcess();
        _ends.Clear();
        _rules = rules;
        _orders = [.. Enumerable.Range(0, rules?.Count ?? 0).Select(_ => new WriteOrder(_newest))];
        _told = new bool[_orders.Length + 2];
        Volatile.Write(ref _bytesBeyond, 0);
        Volatile.Write(ref _count, 0);
    }

    /// <summary>Adds what was written before all that is known; nothing where the same key was written since, or there is no room.</summary>
    public void AddOlder(in EventRecord record, int rule)
    {
        var key = KeyOf(record, out var topic);
        if (_newest.ContainsKey(key))
        {
            return;
        }

        if (IsFullOf(rule) || _count >= limits.RetainedKeys)
        {
            TellFull(IsFullOf(rule) ? rule : HubKeys);
            return;
        }

        _newest.Add(key, ValueOf(record, topic, rule));
        _orders[rule].Count++;
        Volatile.Write(ref _count, _newest.Count);
    }

    /// <summary>All older ones are added.</summary>
    public void EndOlder()
    {
        foreach (var (key, value) in _newest.OrderBy(static pair => pair.Value.Offset))
        {
            _orders[value.Rule].Add(key, value.Offset);
        }
    }

    /// <summary>Takes what was written after all that is known.</summary>
    public void Put(in EventRecord record, int rule)
    {
        var key = KeyOf(record, out var topic);
        if (EndsTopic(record))
        {
            _ends[topic] = record.Offset;
            return;
        }

        ref var value = ref CollectionsMarshal.GetValueRefOrAddDefault(_newest, key, out var isKnown);
        if (isKnown)
        {
            NoteReleased(value, ReleaseReason.Newer);
        }
        else
        {
            _orders[rule].Count++;
            Volatile.Write(ref _count, _newest.Count);
        }

        value = ValueOf(record, topic, rule);
        _orders[rule].Add(key, record.Offset);
        while (_orders[rule].Count > _rules![rule].MaxKeys)
        {
            TellFull(rule);
            LetGo(_orders[rule], ReleaseReason.Keys);
        }

        while (_count > limits.RetainedKeys)
        {
            TellFull(HubKeys);
            LetGo(OldestOrder(), ReleaseReason.Keys);
        }
    }

    /// <summary>Releases what has expired or ended by a time in milliseconds since 1970, and what there is no room for; then counts for each segment what is retained of it.</summary>
    public void Settle(long now, List<MeasuredSegment> measured)
    {
        while (_bytesBeyond > limits.RetainedBytes)
        {
            TellFull(HubBytes);
            LetGo(OldestOrder(), ReleaseReason.Bytes);
        }

        measured.ForEach(static one => one.Usage.BeginRetained());
        foreach (var (key, value) in _newest)
        {
            var hasEnded = _ends.TryGetValue(value.Topic, out var end) && value.Offset <= end;
            if (hasEnded || value.Expires < now)
            {
                Release(key, value, hasEnded ? ReleaseReason.Ended : ReleaseReason.Expired);
            }
            else if (Find(measured, value.Offset) is { } usage)
            {
                usage.CountRetained(value);
            }
        }

        _ends.Clear();
    }

    public Standing StandingOf(in EventRecord record, int rule, out ulong key)
    {
        key = 0;
        if (!_rules![rule].Retains)
        {
            return Standing.None;
        }

        key = KeyOf(record, out _);
        return EndsTopic(record) || !_newest.TryGetValue(key, out var value) ? Standing.Released : value.Offset == record.Offset ? Standing.Newest : Standing.Superseded;
    }

    /// <summary>Notes that a key's newest event is kept for this alone.</summary>
    public void NoteBeyond(ulong key)
    {
        ref var value = ref CollectionsMarshal.GetValueRefOrNullRef(_newest, key);
        if (!value.IsBeyond)
        {
            value.IsBeyond = true;
            Volatile.Write(ref _bytesBeyond, _bytesBeyond + value.Bytes);
        }
    }

    private static bool EndsTopic(in EventRecord record) => (record.Flags & (EventFlags.Marker | EventFlags.Final)) != 0;

    private static ulong KeyOf(in EventRecord record, out ulong topic)
    {
        topic = TopicHash.Of(record.Topic);
        return TopicHash.Of(topic, record);
    }

    private static RetainedValue ValueOf(in EventRecord record, ulong topic, int rule) => new()
    {
        Offset = record.Offset,
        Expires = record.TtlMilliseconds > 0 ? record.Time + record.TtlMilliseconds : long.MaxValue,
        Topic = topic,
        Bytes = record.Bytes.Length,
        Rule = (byte)rule,
    };

    private static SegmentUsage? Find(List<MeasuredSegment> measured, long offset)
    {
        var (low, high) = (0, measured.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            (low, high) = measured[middle].Segment.After < offset ? (middle, high) : (low, middle - 1);
        }

        return measured[low].Segment.After < offset ? measured[low].Usage : null;
    }

    private bool IsFullOf(int rule) => _orders[rule].Count >= _rules![rule].MaxKeys;

    private WriteOrder OldestOrder() => _orders.MinBy(static order => order.TryPeek(out _, out var offset) ? offset : long.MaxValue)!;

    private void LetGo(WriteOrder order, ReleaseReason reason)
    {
        if (order.TryPeek(out var key, out _))
        {
            Release(key, _newest[key], reason);
        }
    }

    private void Release(ulong key, in RetainedValue value, ReleaseReason reason)
    {
        NoteReleased(value, reason);
        _newest.Remove(key);
        _orders[value.Rule].Count--;
        Volatile.Write(ref _count, _newest.Count);
    }

    /// <summary>A newer one releases nothing where the older would be kept anyway: that is every event's lot.</summary>
    private void NoteReleased(in RetainedValue value, ReleaseReason reason)
    {
        if (value.IsBeyond || reason is not ReleaseReason.Newer)
        {
            metrics.Released(reason);
        }

        Volatile.Write(ref _bytesBeyond, _bytesBeyond - (value.IsBeyond ? value.Bytes : 0));
    }

    private void TellFull(int limit)
    {
        if (_told[limit])
        {
            return;
        }

        _told[limit] = true;
        Log.LetGo(logger, limit == HubBytes ? $"History:RetainedBytes ({limits.RetainedBytes})" : limit == HubKeys ? $"History:RetainedKeys ({limits.RetainedKeys})"
            : $"MaxKeys ({_rules![limit].MaxKeys}) of the rule \"{_rules[limit].Pattern}\"");
    }
}
