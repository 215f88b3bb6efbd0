using Spillway.Events;

namespace Spillway.Tests.Delivery.Model;

/// <summary>Lists of rules, each from one number.</summary>
internal static class ScriptRules
{
    /// <summary>Numbers below it are lists of their own.</summary>
    public const int Count = Plain * 7 * 4 * 4;

    /// <summary>Numbers below it have one order of patterns, and neither ttl nor priority nor batch interval.</summary>
    public const int Plain = 8 * 8 * 8 * 8 * 10;

    /// <summary>Patterns in an order: the first that matches applies. From one list to another rules come, go and change places.</summary>
    private static readonly string[][] Orders =
    [
        ["a/**", "b/**", "c/**", "**"],
        ["**"],
        ["c/**", "b/**", "a/**", "**"],
        ["*/0", "a/**", "b/**", "**"],
        ["a/0", "a/**", "**"],
        ["b/0", "*/*", "c/**", "**"],
        ["a/*", "a/**", "*/1", "**"],
    ];

    /// <summary>A digit for each rule; then how much they keep, their order, what they say of events that say nothing, and for how long these wait.</summary>
    public static List<TopicRule> Of(int number)
    {
        var order = Orders[number / Plain % Orders.Length];
        var more = number / Plain / Orders.Length % 4;
        var (events, bytes) = (1 + (number / 4_096 % 5), number / 4_096 / 5 % 2 == 0 ? 64 * 1024 : 1_024);
        var rules = order.Select((pattern, i) => Of(pattern, number >> (3 * i) & 7, events, bytes)).ToList();
        for (var i = 0; i < rules.Count; i++)
        {
            rules[i].Batch = (number / Plain / Orders.Length / 4 % 4) switch { 0 => null, 1 => TimeSpan.FromMilliseconds(100), 2 => i == rules.Count - 1 ? null : TimeSpan.FromSeconds(i + 1), _ => TimeSpan.FromMilliseconds(500) };
        }

        switch (more)
        {
            case 1:
                rules[0].Ttl = TimeSpan.FromSeconds(2);
                break;
            case 2:
                rules[0].Priority = EventPriority.Low;
                rules[^1].Ttl = TimeSpan.FromSeconds(1);
                break;
            case 3:
                rules[0].Priority = EventPriority.Critical;
                rules[^1].Priority = EventPriority.Low;
                rules[^1].BacklogEvents += 3;
                break;
        }

        return rules;
    }

    private static TopicRule Of(string pattern, int digit, int events, int bytes) => new()
    {
        Pattern = pattern,
        Overflow = digit switch { < 5 => (OverflowPolicy)digit, 5 => null, 6 => OverflowPolicy.DropNewest, _ => OverflowPolicy.Latest },
        History = digit < 5,
        BacklogEvents = events,
        BacklogBytes = bytes,
    };
}
