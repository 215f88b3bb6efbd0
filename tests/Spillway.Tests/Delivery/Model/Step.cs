using System.Globalization;
using Spillway.Events;

namespace Spillway.Tests.Delivery.Model;

/// <summary>One step of a script: an act and four numbers, each of which means something whatever it is, so that a failing script can be made smaller blindly.</summary>
/// <param name="What">The subscriber of most acts, the topic of <see cref="Act.Publish"/>, the rules of <see cref="Act.Rules"/>.</param>
/// <param name="Size">Bytes, or milliseconds: of <see cref="Act.Subscribe"/> its batch interval.</param>
internal readonly record struct Step(Act Act, int What = 0, int Size = 0, int Count = 0, int Flags = 0)
{
    public static readonly string[] Topics = ["a/0", "a/1", "b/0", "b/1", "c/0", "d"];

    private static readonly string[] Selectors = [.. Topics, "a/*", "**", "*/0", "b/**"];
    private static readonly TimeSpan?[] Ttls = [null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4), null];

    /// <summary>The set of <see cref="Act.Subscribe"/>.</summary>
    public SelectorSet Set
    {
        get
        {
            var bits = Flags >> 1;
            var chosen = Selectors.Where((_, i) => (bits >> i & 1) != 0).ToArray();
            return Spillway.TestKit.Selectors.Of(chosen.Length == 0 ? ["a/0"] : chosen);
        }
    }

    public bool Latest => (Flags & 1) != 0;

    /// <summary>The batch interval of <see cref="Act.Subscribe"/>.</summary>
    public TimeSpan? Batch => Size < 10 ? null : TimeSpan.FromMilliseconds(Math.Min(Size, 2_000));

    /// <summary>An event of <see cref="Act.Publish"/>.</summary>
    public PushEvent Event(byte[] payload) => new()
    {
        Topic = Topics[What % Topics.Length],
        Payload = payload,
        Priority = (Flags & 3) switch { 1 => EventPriority.Low, 2 => EventPriority.Critical, _ => EventPriority.Normal },
        Key = (Flags >> 2 & 3) == 0 ? null : $"k{Flags >> 2 & 3}",
        Private = (Flags & 16) != 0,
        Alternates = (Flags >> 5 & 7) is var other and > 0 && other <= Topics.Length && (other - 1) != What % Topics.Length ? [Topics[other - 1]] : [],
        Ttl = Ttls[Flags >> 8 & 3],
    };

    /// <summary>The rules of a number: a digit for each of a, b, c and all others; then how much they keep.</summary>
    public static List<TopicRule> RulesOf(int number)
    {
        var rules = new List<TopicRule>();
        foreach (var pattern in new[] { "a/**", "b/**", "c/**", "**" })
        {
            var digit = number % 8;
            number /= 8;
            rules.Add(new TopicRule
            {
                Pattern = pattern,
                Overflow = digit switch { < 5 => (OverflowPolicy)digit, 5 => null, 6 => OverflowPolicy.DropNewest, _ => OverflowPolicy.Latest },
                History = digit < 5,
            });
        }

        foreach (var rule in rules)
        {
            rule.BacklogEvents = 1 + (number % 5);
            rule.BacklogBytes = number / 5 % 2 == 0 ? 64 * 1024 : 1_024;
            rule.Batch = (number / 10 % 4) switch { 0 => null, 1 => TimeSpan.FromMilliseconds(100), 2 => rule.Pattern == "**" ? null : TimeSpan.FromSeconds(rule.Pattern[0] - 'a' + 1), _ => TimeSpan.FromMilliseconds(500) };
        }

        return rules;
    }

    /// <summary>The same step with one number smaller, smallest first.</summary>
    public IEnumerable<Step> Shrink()
    {
        foreach (var number in Smaller(What))
        {
            yield return this with { What = number };
        }

        foreach (var number in Smaller(Size))
        {
            yield return this with { Size = number };
        }

        foreach (var number in Smaller(Count))
        {
            yield return this with { Count = number };
        }

        for (var bits = Flags; bits != 0; bits &= bits - 1)
        {
            yield return this with { Flags = Flags & ~(bits & -bits) };
        }
    }

    public override string ToString()
    {
        var numbers = new[] { (nameof(What), What), (nameof(Size), Size), (nameof(Count), Count), (nameof(Flags), Flags) }.Where(static pair => pair.Item2 != 0);
        return string.Create(CultureInfo.InvariantCulture, $"new({string.Join(", ", numbers.Select(static pair => $"{pair.Item1}: {pair.Item2}").Prepend($"Act.{Act}"))}),");
    }

    private IEnumerable<int> Smaller(int number)
    {
        if (number == 0)
        {
            return [];
        }

        return Act == Act.Rules ? [0, .. Enumerable.Range(0, 4).Select(i => number & ~(7 << (3 * i))).Where(other => other != number), number % 4_096] : [0, number / 2, number - 1];
    }
}
