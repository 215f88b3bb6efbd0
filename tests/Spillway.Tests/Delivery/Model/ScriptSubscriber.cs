using Spillway.Events;

namespace Spillway.Tests.Delivery.Model;

/// <summary>A subscriber of a script with all its connections: says in plain words what it must have got.</summary>
internal sealed class ScriptSubscriber(SelectorSet set, bool latest, TimeSpan? batch, IReadOnlyList<ModelEvent> events, IReadOnlyList<TopicRules> rules)
{
    public List<ScriptSession> Sessions { get; } = [];

    public ScriptSession Last => Sessions[^1];

    public SelectorSet Set => set;

    public bool Latest => latest;

    public TimeSpan? Batch => batch;

    public bool MayDisconnect => rules.Any(list => list.Listed.Any(rule => PolicyOf(rule.Rule) == OverflowPolicy.Disconnect));

    /// <summary>The last connection's selected events that certainly were for it and did not come.</summary>
    public List<ModelEvent> Missing => [.. Selected.Where(Last.Expects).Except(Last.Received)];

    /// <summary>Ephemeral events from before it came: nobody promises them, and nobody says that they are not counted.</summary>
    public List<ModelEvent> Unpromised => [.. Selected.Where(source => !Last.Expects(source) && source.Offset >= Last.After && !source.IsRecorded).Except(Last.Received)];

    /// <summary>What the last connection was told; null if any count was not known.</summary>
    public long? Told(string? reason = null) =>
        Last.Gaps.Exists(static gap => gap.Count is null) ? null : Last.Gaps.Where(gap => reason is null || gap.Reason == reason).Sum(static gap => gap.Count!.Value);

    private IEnumerable<ModelEvent> Selected => events.Where(source => source.IsSelectedBy(set));

    private IEnumerable<ToldGap> Gaps => Sessions.SelectMany(static session => session.Gaps);

    /// <summary>Compares everything that came with everything that was published.</summary>
    public void Judge(long now)
    {
        var received = Sessions.SelectMany(static session => session.Received).ToList();
        Assert.All(received, source => Assert.True(source.IsSelectedBy(set), $"Event {source} was not asked for."));
        for (var i = 1; i < received.Count; i++)
        {
            Assert.True(received[i].Index > received[i - 1].Index, $"Event {received[i]} came behind {received[i - 1]}.");
        }

        var expected = Selected.Where(Sessions[0].Expects).Where(source => source.IsRecorded || Sessions.Count == 1);
        foreach (var source in expected.Except(received))
        {
            Assert.True(IsTold(source, now) || IsSuperseded(source, received, now), $"Event {source} is missing, and no gap of [{string.Join(", ", Gaps)}] covers it.");
        }

        foreach (var gap in Gaps.Where(static gap => gap is { Reason: "overflow", MaybeSlow: false }))
        {
            Assert.True(gap.Count is null || gap.Count <= Selected.Count(source => !source.IsRecorded && gap.Covers(source)), $"A connection that was not slow gave up {gap}.");
        }

        JudgeCounts(now);
    }

    /// <summary>Each event that did not come is in exactly one loss, or superseded.</summary>
    private void JudgeCounts(long now)
    {
        if (Told() is not { } told)
        {
            return;
        }

        var (missing, unpromised) = (Missing, Unpromised);
        var superseded = missing.Count(source => IsSuperseded(source, Last.Received, now));
        var list = string.Join(' ', missing);
        Assert.True(told <= missing.Count + unpromised.Count, $"{told} were told and only {missing.Count} are missing: {list}; told: {string.Join(", ", Last.Gaps)}");
        Assert.True(told >= missing.Count - superseded, $"{told} were told, {missing.Count} are missing, of which {superseded} may be superseded: {list}; told: {string.Join(", ", Last.Gaps)}");
        foreach (var reason in new[] { "expired", "overflow" })
        {
            var most = missing.Concat(unpromised).Count(source => IsPossible(source, reason, now));
            Assert.True(Told(reason) <= most, $"{Told(reason)} were told as {reason}, which only {most} can be of {list}.");
        }
    }

    private bool IsTold(ModelEvent source, long now) => Gaps.Any(gap => gap.Covers(source) && IsPossible(source, gap.Reason, now) && (gap.Reason != "overflow" || IsPast(source, gap)));

    /// <summary>Whether an event may have been missed for a reason.</summary>
    private bool IsPossible(ModelEvent source, string reason, long now) => reason switch
    {
        "expired" => source.Expires < now,
        "overflow" => !source.IsRecorded || (!source.IsCritical && PoliciesOf(source).Any(static policy => policy is OverflowPolicy.DropOldest or OverflowPolicy.DropNewest)),
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
            .Where(other => rule.EffectiveOverflow == OverflowPolicy.DropNewest || source.Source.Priority == EventPriority.Low || other.Index >= source.Index).ToList();
        return others.Count > rule.BacklogEvents || others.Sum(static other => other.Source.Payload.Length + 200) > rule.BacklogBytes;
    }

    /// <summary>Whether a newer event stands for it that came, or is no longer of interest.</summary>
    private bool IsSuperseded(ModelEvent source, IReadOnlyList<ModelEvent> received, long now) =>
        !source.IsCritical && PoliciesOf(source).Contains(OverflowPolicy.Latest)
        && events.Any(newer => newer.Index > source.Index && newer.Identity == source.Identity && (received.Contains(newer) || newer.Expires < now || IsPossible(newer, "overflow", now)));

    /// <summary>The policies under which it may have been judged since it came.</summary>
    private IEnumerable<OverflowPolicy> PoliciesOf(ModelEvent source) => rules.Skip(source.Rules).Select(list => PolicyOf(list.For(source.Source.Topic)));

    private OverflowPolicy PolicyOf(TopicRule rule) => latest ? OverflowPolicy.Latest : rule.EffectiveOverflow;
}
