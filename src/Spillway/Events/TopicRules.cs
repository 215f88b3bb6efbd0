using System.Text;

namespace Spillway.Events;

/// <summary>The rules in force, compiled: which applies to a topic. Nothing in it ever changes; <see cref="RuleBook"/> replaces it as a whole.</summary>
/// <remarks>
/// An event's slot names its rule by an index, and so does what is planned for slow connections. An index belongs to a pattern and the topics for which it is the first that
/// matches, not to a place in the list: it keeps its meaning when the list changes, and after its rule was removed, until no reader can meet an event that has it. Where a
/// pattern has gained or lost topics, what came before stays with the index, and the parameters, under which it came: it must not be given up by a rule that never was its own.
/// </remarks>
internal sealed class TopicRules
{
    /// <summary>An event's slot holds its rule in one byte.</summary>
    public const int MaxRules = 255;

    private readonly CompiledRule[] _rules; // As listed.
    private readonly IndexedRule?[] _indexed = new IndexedRule?[MaxRules]; // By index, removed ones too.

    /// <summary>Takes validated rules; a last <c>**</c> is added where it is missing.</summary>
    public TopicRules(IEnumerable<TopicRule> rules)
    {
        _rules = [.. Compile(rules).Select(static (rule, index) => rule with { Index = (byte)index })];
        Index();
    }

    private TopicRules(TopicRules before, CompiledRule[] rules, long since)
    {
        (_rules, Since, Version) = (rules, since, before.Version + 1);
        for (var i = 0; i < MaxRules; i++)
        {
            _indexed[i] = before._indexed[i] is { } rule ? rule with { Removed = rule.Removed ?? Version } : null;
        }

        Index();
        AnyDrops |= before.AnyDrops; // What was begun to be counted is counted on.
        AnyEphemeral |= before.AnyEphemeral;
        AnyLatest |= before.AnyLatest;
    }

    /// <summary>How many changes came before.</summary>
    public int Version { get; }

    /// <summary>They are for events behind this offset.</summary>
    public long Since { get; } = -1;

    /// <summary>How many rules apply.</summary>
    public int Count => _rules.Length;

    /// <summary>The rules as listed, a last <c>**</c> included.</summary>
    public IReadOnlyList<CompiledRule> Listed => _rules;

    /// <summary>The rule of all topics, where there is only one.</summary>
    public TopicRule? Only => _rules.Length == 1 ? _rules[0].Rule : null;

    /// <summary>Whether any rule lets newer events stand for older ones, or did.</summary>
    public bool AnyLatest { get; private set; }

    /// <summary>Whether any rule gives anything up for slow connections, or did.</summary>
    public bool AnyDrops { get; private set; }

    /// <summary>Whether there is, or was, any event that can be missed and that history does not have.</summary>
    public bool AnyEphemeral { get; private set; }

    /// <summary>Whether the events of any rule listed may wait to be written together.</summary>
    public bool AnyBatch { get; private set; }

    /// <summary>The rule of an event's slot. A removed rule has its last parameters.</summary>
    public TopicRule this[int index] => _indexed[index]!.Value.Rule;

    /// <summary>The index of the rule for a topic.</summary>
    public byte IndexFor(ReadOnlySpan<byte> topic) => Find(topic).Index;

    /// <summary>The rule for a topic.</summary>
    public TopicRule For(ReadOnlySpan<byte> topic) => Find(topic).Rule;

    /// <summary>The rule for a topic.</summary>
    public TopicRule For(string topic) => Only ?? For(Encoding.UTF8.GetBytes(topic));

    /// <summary>Other rules behind these: equal patterns for the same topics keep their index. Fails where more indices would be in use than there are.</summary>
    /// <param name="rules">The list, validated.</param>
    /// <param name="since">The offset behind which they apply.</param>
    /// <param name="isInUse">Whether an event with an index may still be looked at.</param>
    public TopicRules? TryChange(IEnumerable<TopicRule> rules, long since, Func<int, bool> isInUse)
    {
        var compiled = Compile(rules);
        var indices = Array.ConvertAll(compiled, rule => FindKept(compiled, rule.Pattern, isInUse));
        var free = Enumerable.Range(0, MaxRules).Where(index => !indices.Contains(index) && !isInUse(index))
            .OrderBy(index => _indexed[index] is { } rule ? rule.Removed ?? int.MaxValue : -1) // Those never used, then the longest unused.
            .Take(indices.Count(static index => index < 0)).ToArray();
        var taken = 0;
        for (var i = 0; i < compiled.Length; i++)
        {
            var index = indices[i] >= 0 ? indices[i] : taken < free.Length ? free[taken++] : FindListed(compiled[i].Pattern); // Short of indices, an old meaning is better than no change.
            if (index < 0)
            {
                return null;
            }

            compiled[i] = compiled[i] with { Index = (byte)index };
        }

        return new TopicRules(this, compiled, since);
    }

    private static CompiledRule[] Compile(IEnumerable<TopicRule> rules)
    {
        var all = rules.Select(static rule => rule.Copy()).ToList();
        if (all.Count == 0 || all[^1].Pattern != "**")
        {
            all.Add(new TopicRule());
        }

        return [.. all.Select(static rule => TopicPattern.TryParse(rule.Pattern, out var pattern, out var fault)
            ? new CompiledRule(rule, pattern!, 0) : throw new ArgumentException($"The rule's pattern \"{rule.Pattern}\" {fault}."))];
    }

    /// <summary>The index that a pattern keeps; −1: none, or another one is needed because events with it were of other topics.</summary>
    private int FindKept(CompiledRule[] changed, TopicPattern pattern, Func<int, bool> isInUse)
    {
        var listed = FindListed(pattern);
        return listed >= 0 && (!isInUse(listed) || Above(_rules, pattern).SetEquals(Above(changed, pattern)))
            ? listed : FindUnused(pattern, isInUse);
    }

    private int FindUnused(TopicPattern pattern, Func<int, bool> isInUse)
    {
        for (var i = 0; i < MaxRules; i++)
        {
            if (_indexed[i]?.Pattern == pattern.Text && !isInUse(i))
            {
                return i;
            }
        }

        return -1;
    }

    private int FindListed(TopicPattern pattern) => Array.Find(_rules, rule => rule.Pattern.Text == pattern.Text) is { Pattern: not null, Index: var index } ? index : -1;

    /// <summary>The patterns that take topics from one below them.</summary>
    private static HashSet<string> Above(CompiledRule[] rules, TopicPattern pattern) =>
        [.. rules.TakeWhile(rule => rule.Pattern.Text != pattern.Text).Where(rule => rule.Pattern.Overlaps(pattern)).Select(static rule => rule.Pattern.Text)];

    private void Index()
    {
        foreach (var (rule, pattern, index) in _rules)
        {
            _indexed[index] = new IndexedRule(rule, pattern.Text, Removed: null);
            AnyDrops |= rule.EffectiveOverflow != OverflowPolicy.Replay;
            AnyLatest |= rule.EffectiveOverflow == OverflowPolicy.Latest;
            AnyEphemeral |= !rule.History;
            AnyBatch |= rule.Batch is not null;
        }
    }

    private ref readonly CompiledRule Find(ReadOnlySpan<byte> topic)
    {
        for (var i = 0; i < _rules.Length - 1; i++)
        {
            if (_rules[i].Pattern.Matches(topic))
            {
                return ref _rules[i];
            }
        }

        return ref _rules[^1];
    }

    /// <summary>What an index stands for, and since which version its rule is no longer listed.</summary>
    private readonly record struct IndexedRule(TopicRule Rule, string Pattern, int? Removed);
}
