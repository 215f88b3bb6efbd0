using System.Text;
using Spillway.Events;
using Spillway.History.Retention;

namespace Spillway.Tests.History;

/// <summary>What rules promise that retain the newest event of every topic and key, beside lists.</summary>
/// <param name="all">All events ever.</param>
/// <param name="unclear">Others that were, and may be gone for another reason.</param>
/// <param name="present">Those that are there.</param>
/// <param name="before">Those that were gone before the rules changed.</param>
internal sealed class RetainedCheck(RetentionRules rules, long now, List<ModelEvent> all, List<ModelEvent> unclear, List<ModelEvent> present, HashSet<long> before)
{
    private readonly HashSet<long> _there = [.. present.Select(static one => one.Offset)];

    /// <summary>The newest of each topic and key, public and private apart.</summary>
    public static List<ModelEvent> Newest(IEnumerable<ModelEvent> events) =>
        [.. events.Where(static one => !one.EndsTopic).GroupBy(KeyOf).Select(static same => same.MaxBy(static one => one.Offset)!)];

    public void Check()
    {
        foreach (var rule in all.GroupBy(RuleOf))
        {
            if (!rules[rule.Key].Retains)
            {
                continue;
            }

            var ever = rule.Concat(unclear.Where(one => RuleOf(one) == rule.Key)).ToList();
            foreach (var one in Newest(ever))
            {
                Check(one, ever, rules[rule.Key]);
            }
        }
    }

    private void Check(ModelEvent newest, List<ModelEvent> ever, RuleBounds bounds)
    {
        if (unclear.Contains(newest) || before.Contains(newest.Offset))
        {
            return;
        }

        var older = present.FindAll(one => one.Offset < newest.Offset && KeyOf(one) == KeyOf(newest) && !one.EndsTopic);
        Assert.True(_there.Contains(newest.Offset) || older.Count == 0, $"{newest.Offset} is gone, and {older.FirstOrDefault()?.Offset} looks like the newest now.");

        var isEnded = ever.Exists(one => one.EndsTopic && one.Offset > newest.Offset && one.Names[0] == newest.Names[0]);
        var written = ever.Where(one => one.Offset > newest.Offset).Select(KeyOf).Distinct().Count();
        Assert.True(_there.Contains(newest.Offset) || isEnded || newest.Expires < now || written >= bounds.MaxKeys, $"{newest.Offset} is the newest of its key by {bounds}, and is gone.");
    }

    private static (string Topic, string? Key, bool IsPrivate) KeyOf(ModelEvent one) => (one.Names[0], one.Key, (one.Flags & EventFlags.Private) != 0);

    private int RuleOf(ModelEvent one) => rules.IndexFor(Encoding.UTF8.GetBytes(one.Names[0]));
}
