namespace Spillway.Tests.Delivery.Model;

/// <summary>A history of what happens to a loop, as a plain list; made at random, and made smaller when it fails.</summary>
internal static class Script
{
    public const int Subscribers = 3;

    private const int MostAttempts = 3_000;

    private static readonly int[] Sizes = [0, 10, 10, 40, 40, 200, 900, 3_000, 14_000, 60_000, 100_000];
    private static readonly Act[] Acts =
    [
        .. Enumerable.Repeat(Act.Publish, 18), .. Enumerable.Repeat(Act.Turn, 8), .. Enumerable.Repeat(Act.Settle, 4), .. Enumerable.Repeat(Act.Stall, 4), .. Enumerable.Repeat(Act.Room, 6),
        .. Enumerable.Repeat(Act.Resume, 4), .. Enumerable.Repeat(Act.Reconnect, 2), .. Enumerable.Repeat(Act.Subscribe, 2), .. Enumerable.Repeat(Act.Clock, 2), Act.Rules, Act.Rules,
        Act.RulesDuring, Act.PublishDuring,
    ];

    public static List<Step> Random(int seed)
    {
        var random = new Random(seed);
        var world = random.Next(2) == 0 ? 0 : random.Next(World.Count);
        var script = new List<Step> { RandomStep(random, Act.Rules) with { Size = world }, RandomStep(random, Act.Subscribe) with { What = 0, Count = 0 } };
        if (random.Next(2) == 0)
        {
            // Often with the same set: then they share a feed, and pages.
            script.Add(RandomStep(random, Act.Subscribe) with { What = 1, Count = 0, Flags = random.Next(2) == 0 ? script[1].Flags : SetFlags(random) });
        }

        var plain = random.Next(2) == 0; // Half without what makes sums unknown.
        for (var left = random.Next(8, 70); left > 0; left--)
        {
            var act = Acts[random.Next(Acts.Length)];
            if (plain && act is Act.Reconnect or Act.Subscribe or Act.Rules or Act.RulesDuring)
            {
                act = Act.Turn;
            }

            script.Add(RandomStep(random, act));
        }

        if (random.Next(30) == 0)
        {
            script.Insert(random.Next(1, script.Count), RandomStep(random, Act.Crowd));
        }

        if (random.Next(10) == 0)
        {
            script.Insert(random.Next(script.Count / 2, script.Count), new Step(Act.Drain));
        }

        return script;
    }

    /// <summary>The smallest script that still fails, as far as leaving out steps and lowering numbers one by one can find it.</summary>
    public static List<Step> Shrink(List<Step> script, Func<List<Step>, bool> fails)
    {
        var attempts = 0;
        bool TryTake(List<Step> smaller)
        {
            if (attempts++ >= MostAttempts || !fails(smaller))
            {
                return false;
            }

            script = smaller;
            return true;
        }

        bool any;
        do
        {
            any = false;
            for (var chunk = script.Count / 2; chunk > 0; chunk /= 2)
            {
                for (var at = script.Count - chunk; at >= 0; at--)
                {
                    any |= at + chunk <= script.Count && TryTake([.. script[..at], .. script[(at + chunk)..]]);
                }
            }

            for (var at = 0; at < script.Count; at++)
            {
                while (script[at].Shrink().Any(smaller => TryTake([.. script[..at], smaller, .. script[(at + 1)..]])))
                {
                    any = true;
                }
            }
        }
        while (any && attempts < MostAttempts);
        return script;
    }

    public static int RandomRules(Random random) => random.Next(random.Next(2) == 0 ? ScriptRules.Plain : ScriptRules.Count);

    public static Step RandomStep(Random random, Act act) => act switch
    {
        Act.Publish => new Step(act, random.Next(Step.Topics.Length), Sizes[random.Next(Sizes.Length)], random.Next(3) switch { 0 => 0, 1 => random.Next(6), _ => random.Next(24) }, EventFlags(random)),
        Act.PublishDuring => new Step(act, random.Next(Step.Topics.Length), 10, random.Next(Subscribers), EventFlags(random)),
        Act.Subscribe => new Step(act, random.Next(Subscribers), random.Next(6) == 0 ? random.Next(2_000) : 0, random.Next(3) == 0 ? random.Next(40) : 0, SetFlags(random)),
        Act.Room => new Step(act, random.Next(Subscribers), random.Next(4) switch { 0 => 1 + random.Next(20), 1 => random.Next(200), 2 => random.Next(1_000), _ => random.Next(20_000) }),
        Act.Clock => new Step(act, 0, random.Next(4) == 0 ? random.Next(20_000) : random.Next(3_000)),
        Act.Rules => new Step(act, RandomRules(random)),
        Act.RulesDuring => new Step(act, RandomRules(random), random.Next(2), random.Next(Subscribers)),
        Act.Crowd => new Step(act, random.Next(Step.Topics.Length)),
        Act.Turn or Act.Settle => new Step(act),
        _ => new Step(act, random.Next(Subscribers)),
    };

    private static int EventFlags(Random random)
    {
        var priority = random.Next(10) switch { 0 => 2, 1 or 2 => 1, 3 or 4 => 3, _ => 0 };
        var key = random.Next(2) == 0 ? 0 : random.Next(4);
        var ttl = random.Next(6) == 0 ? random.Next(1, 3) : 0;
        var flags = priority | (key << 2) | (random.Next(10) == 0 ? 16 : 0) | ((random.Next(5) == 0 ? random.Next(8) : 0) << 5) | (ttl << 8);
        foreach (var (bit, oneIn) in new[] { (10, 12), (11, 12), (12, 60), (13, 4), (14, 40) })
        {
            flags |= random.Next(oneIn) == 0 ? 1 << bit : 0;
        }

        return flags;
    }

    private static int SetFlags(Random random)
    {
        var flags = random.Next(5) == 0 ? 1 : 0;
        for (var i = 0; i < 6; i++)
        {
            flags |= random.Next(3) == 0 ? 2 << i : 0;
        }

        flags |= random.Next(3) == 0 ? 2 << random.Next(6, 10) : 0;
        return flags | (random.Next(12) switch { 0 => 1 << 11, 1 => 1 << 12, 2 => 1 << 13, _ => 0 });
    }
}
