using Spillway.Events;
using Spillway.History.Retention;

namespace Spillway.Tests.History;

/// <summary>Random rules for what is kept, which change, within a hub's bounds; and what they are for now.</summary>
internal sealed class RandomRules
{
    private static readonly string[][] Patterns = [["a/**", "b/*", "c/1", "**"], ["b/*", "a/**", "c/1", "**"], ["*/1", "a/**", "**"], ["a/1", "a/**", "d/**", "**"], ["**"]];

    private readonly Random _random;
    private readonly int _bytes;
    private readonly int _events;
    private readonly int _age;
    private readonly bool _mayLeave;
    private readonly RuleBook _book;

    /// <param name="mayLeave">Whether they may leave retention to whole segments for a while: on a disk that takes what is not sealed yet, and counts of that do not outlive a restart.</param>
    public RandomRules(Random random, int bytes, int events, int age, bool mayLeave)
    {
        (_random, _bytes, _events, _age, _mayLeave) = (random, bytes, events, age, mayLeave);
        _book = new RuleBook(Make(Patterns[0]));
        Retention = new CurrentRetention(_book, age);
        NoteSlack();
    }

    public CurrentRetention Retention { get; }

    /// <summary>The rules in force, also where they leave retention to whole segments.</summary>
    public RetentionRules Now => Retention.Rules ?? RetentionRules.From(new TopicRules([new TopicRule { MaxAge = TimeSpan.FromMilliseconds(_age) }]), _age)!;

    /// <summary>So much longer than some rule's age a joined segment's events may ever have spanned, in milliseconds.</summary>
    public long MostSlack { get; private set; }

    public void Change()
    {
        var rules = Make(Patterns[_random.Next(Patterns.Length)]);
        if (_random.Next(6) == 0 && _mayLeave)
        {
            Array.ForEach(rules, static rule => (rule.MaxAge, rule.MaxBytes, rule.MaxEvents, rule.Retain, rule.MaxKeys) = (null, null, null, RetainMode.None, null));
        }

        Assert.True(_book.TryChange(rules, 0, static _ => false, out _));
        NoteSlack();
    }

    private void NoteSlack() => MostSlack = Math.Max(MostSlack, Enumerable.Range(0, Now.Count).Max(rule => Now[rule].SlackMilliseconds));

    private TopicRule[] Make(string[] patterns)
    {
        TopicRule[] rules = [.. patterns.Select(static pattern => new TopicRule { Pattern = pattern })];
        foreach (var rule in rules)
        {
            // No rule's quota is more than its share of the hub's bounds.
            rule.MaxBytes = _random.Next(2) == 0 ? _bytes / Pick(4, 10, 40) : null;
            rule.MaxEvents = _random.Next(2) == 0 ? Math.Max(1, _events / Pick(4, 10, 40)) : null;
            rule.MaxAge = _random.Next(3) == 0 ? TimeSpan.FromMilliseconds(_age * (long)Pick(1, 5, 40) / 10) : null;
            rule.Retain = _random.Next(3) == 0 ? RetainMode.Latest : RetainMode.None;
            rule.MaxKeys = rule.Retain == RetainMode.Latest && _random.Next(2) == 0 ? Pick(1, 5, 30) : null;
        }

        rules[0].MaxEvents ??= Math.Max(1, _events / 4); // At least one has bounds.
        return rules;
    }

    private int Pick(params ReadOnlySpan<int> choices) => choices[_random.Next(choices.Length)];
}
