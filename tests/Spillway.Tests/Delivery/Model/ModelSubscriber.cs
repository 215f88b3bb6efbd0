using Spillway.Events;

namespace Spillway.Tests.Delivery.Model;

/// <summary>A subscriber with all its connections: says in plain words what it must have got.</summary>
/// <param name="rules">All lists that were in force, one after the other.</param>
internal sealed class ModelSubscriber(SelectorSet set, bool latest, bool signals, TimeSpan? batch, ModelLog log, IReadOnlyList<ModelRules> rules)
{
    private readonly List<ModelEvent> _selected = [];
    private int _seen;

    public List<ModelSession> Sessions { get; } = [];

    public ModelSession Last => Sessions[^1];

    public SelectorSet Set => set;

    /// <summary>Those of its set that are no patterns.</summary>
    public IEnumerable<string> Topics { get; } = [.. set.Topics.Select(System.Text.Encoding.UTF8.GetString)];

    public bool Latest => latest;

    public bool Signals => signals;

    public TimeSpan? Batch => batch;

    public bool MayDisconnect => rules.Any(static list => list.AnyDisconnects);

    /// <summary>The last connection's selected events that certainly were for it and did not come.</summary>
    public List<ModelEvent> Missing => [.. Selected.Where(source => Last.Expects(source) && !Last.Has(source))];

    /// <summary>Ephemeral events from before it came, and a snapshot's that retention has taken since: nobody promises them, and nobody says that they are not counted.</summary>
    public List<ModelEvent> Unpromised => [.. Selected.Where(source => (source.IsRecorded ? Last.Snapshot?.Contains(source) == true : source.Offset >= Last.After) && !Last.Expects(source) && !Last.Has(source))];

    /// <summary>What all its topics' rules say, if they say the same.</summary>
    public OverflowPolicy? OnlyPolicy => Selected.SelectMany(PoliciesOf).Distinct().Take(2).ToList() is [var only] ? only : null;

    public List<ModelEvent> Selected
    {
        get
        {
            for (; _seen < log.Count; _seen++)
            {
                if (log.Events[_seen].IsSelectedBy(set))
                {
                    _selected.Add(log.Events[_seen]);
                }
            }

            return _selected;
        }
    }

    /// <summary>What a snapshot would give it now.</summary>
    public HashSet<ModelEvent> Newest => [.. Selected.Where(static source => source.IsRecorded).GroupBy(static source => source.Value).Select(static group => group.Last())];

    private IEnumerable<ToldGap> Gaps => Sessions.SelectMany(static session => session.Gaps);

    /// <summary>What the last connection was told; null if any count was not known.</summary>
    public long? Told(string? reason = null) => !signals || Last.Gaps.Exists(static gap => gap.Count is null)
        ? null : Last.Gaps.Where(gap => reason is null || gap.Reason == reason).Sum(static gap => gap.Count!.Value);

    /// <summary>What came behind the last event that the last connection got.</summary>
    private IEnumerable<ModelEvent> Ahead
    {
        get
        {
            var last = Last.Received.Count > 0 ? Last.Received[^1].Index : -1;
            var from = Selected.Count;
            while (from > 0 && Selected[from - 1].Index > last)
            {
                from--;
            }

            return Selected.Skip(from);
        }
    }

    /// <summary>Whether the last connection may have everything: what it did not get, it may never get.</summary>
    public bool HasAll(long now) => !Ahead.Any(source => Last.Expects(source) && source.Expires >= now && !IsSuperseded(source, Last, now) && !Last.Gaps.Exists(gap => gap.Covers(source)));

    /// <summary>Whether the window may have let go of something that the last connection has not passed.</summary>
    public bool IsBehind(long tail) => Ahead.Any(source => source.Slot < tail);

    /// <summary>Compares everything that came with everything that was published.</summary>
    public void Judge(long now, bool drained)
    {
        var received = Sessions.SelectMany(static session => session.Received).ToList();
        Assert.All(received, source => Assert.True(source.IsSelectedBy(set), $"Event {source} was not asked for."));
        for (var i = 1; i < received.Count; i++)
        {
            Assert.True(received[i].Index > received[i - 1].Index, $"Event {received[i]} came behind {received[i - 1]}.");
        }

        bool IsPromised(ModelEvent source) => Sessions[0].Expects(source) && (source.IsRecorded ? !drained || source.Offset <= Last.Cursor : !drained && Sessions.Count == 1);
        foreach (var source in signals ? Selected.Where(IsPromised).Except(received) : [])
        {
            Assert.True(
                IsTold(source, now) || Sessions.Exists(session => IsSuperseded(source, session, now, drained)), $"Event {source} is missing, and no gap of [{string.Join(", ", Gaps)}] covers it.");
        }

        foreach (var source in Selected.Where(IsPromised).Except(received))
        {
            Assert.True(
                IsPossible(source, "retention", now) || IsPossible(source, "expired", now) || IsPossible(source, "overflow", now) || Sessions.Exists(session => IsSuperseded(source, session, now, drained)),
                $"Event {source} is missing, and nothing allows that.");
        }

        foreach (var gap in Gaps.Where(static gap => gap is { Reason: "overflow", MaybeSlow: false }))
        {
            Assert.True(gap.Count is null || gap.Count <= Selected.Count(source => !source.IsRecorded && gap.Covers(source)), $"A connection that was not slow gave up {gap}.");
        }

        JudgeCounts(now, drained);
    }

    /// <summary>Each event that did not come is in exactly one loss, or superseded.</summary>
    private void JudgeCounts(long now, bool drained)
    {
        if (Told() is not { } told)
        {
            return;
        }

        var (missing, unpromised) = (Missing, Unpromised);
        var certain = missing.Count(source => !IsSuperseded(source, Last, now, drained) && (!drained || (source.IsRecorded && source.Offset <= Last.Cursor)));
        var list = string.Join(' ', missing);
        Assert.True(told <= missing.Count + unpromised.Count, $"{told} were told and only {missing.Count} are missing: {list}; told: {string.Join(", ", Last.Gaps)}");
        Assert.True(told >= certain, $"{told} were told, {missing.Count} are missing, of which {certain} certainly must be told: {list}; told: {string.Join(", ", Last.Gaps)}");
        foreach (var reason in new[] { "expired", "overflow", "retention" })
        {
            var most = missing.Concat(unpromised).Count(source => IsPossible(source, reason, now));
            Assert.True(Told(reason) <= most, $"{Told(reason)} were told as {reason}, which only {most} can be of {list}; told: {string.Join(", ", Last.Gaps)}");
        }
    }

    private bool IsTold(ModelEvent source, long now) =>
        Gaps.Any(gap => gap.Covers(source) && IsPossible(source, gap.Reason, now) && (gap.Reason == "overflow" ? IsPast(source, gap) : gap.Reason != "retention" || source.Offset <= gap.Retained));

    /// <summary>Whether an event may have been missed for a reason.</summary>
    private bool IsPossible(ModelEvent source, string reason, long now) => reason switch
    {
        "expired" => source.Expires < now,
        "overflow" => !source.IsRecorded || (!source.IsKept && PoliciesOf(source).Any(static policy => policy is OverflowPolicy.DropOldest or OverflowPolicy.DropNewest)),
        "retention" => source.IsRecorded && source.Offset <= Last.Retained,
        _ => false,
    };

    /// <summary>Whether an event was past its rule's window, or the hub's: at least as many others of the rule lay between the event before the gap and the end.</summary>
    private bool IsPast(ModelEvent source, ToldGap gap)
    {
        if (!source.IsRecorded || source.Slot < gap.Tail || rules.Count > 1)
        {
            return true;
        }

        var rule = rules[0].For(source.Source.Topic);
        var others = Selected.Where(other => other.Index < gap.Published && other.Offset >= Sessions[0].After && ReferenceEquals(rules[0].For(other.Source.Topic), rule))
            .Where(other => rule.EffectiveOverflow == OverflowPolicy.DropNewest || source.IsLow || other.Index >= source.Index).ToList();
        return others.Count > rule.BacklogEvents || others.Sum(static other => other.Source.Payload.Length + 200) > rule.BacklogBytes;
    }

    /// <summary>Whether a newer event stands for it that came, or is no longer of interest, or comes when the subscriber of an ended connection is back.</summary>
    private bool IsSuperseded(ModelEvent source, ModelSession session, long now, bool ended = false)
    {
        if (source.IsKept || !PoliciesOf(source).Contains(OverflowPolicy.Latest))
        {
            return false;
        }

        var selected = Selected;
        for (var i = selected.Count - 1; i >= 0 && selected[i].Index > source.Index; i--)
        {
            var newer = selected[i];
            if (newer.Identity == source.Identity && (session.Has(newer) || (ended && newer.Offset > session.Cursor) || newer.Expires < now || IsPossible(newer, "overflow", now) || IsPossible(newer, "retention", now)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The policies under which it may have been judged since it came.</summary>
    private IEnumerable<OverflowPolicy> PoliciesOf(ModelEvent source) => latest ? [OverflowPolicy.Latest] : rules.Skip(source.Rules).Select(list => list.For(source.Source.Topic).EffectiveOverflow);
}
