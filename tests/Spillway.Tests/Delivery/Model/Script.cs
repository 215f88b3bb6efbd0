namespace Spillway.Tests.Delivery.Model;

/// <summary>A history of what happens to a loop, as a plain list; made at random, and made smaller when it fails.</summary>
internal static class Script
{
    public const int Subscribers = 3;

    private const int MostAttempts = 3_000;

    private static readonly int[] Sizes = [0, 10, 10, 40, 40, 200, 900, 3_000, 14_000];
    private static readonly Act[] Acts =
    [
        Act.Publish, Act.Publish, Act.Publish, Act.Publish, Act.Publish, Act.Publish, Act.Publish, Act.Publish, Act.Publish, Act.Turn, Act.Turn, Act.Turn, Act.Turn, Act.Settle, Act.Settle,
        Act.Stall, Act.Stall, Act.Room, Act.Room, Act.Room, Act.Resume, Act.Resume, Act.Reconnect, Act.Subscribe, Act.Clock, Act.Rules,
    ];

    public static List<Step> Random(int seed)
    {
        var random = new Random(seed);
        var script = new List<Step> { RandomStep(random, Act.Rules), RandomStep(random, Act.Subscribe) with { What = 0, Count = 0 } };
        if (random.Next(2) == 0)
        {
            script.Add(RandomStep(random, Act.Subscribe) with { What = 1, Count = 0 });
        }

        var plain = random.Next(2) == 0; // Half without what makes sums unknown.
        for (var left = random.Next(8, 70); left > 0; left--)
        {
            var act = Acts[random.Next(Acts.Length)];
            if (plain && act is Act.Reconnect or Act.Subscribe or Act.Rules)
            {
                act = Act.Turn;
            }

            script.Add(RandomStep(random, act));
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

    private static Step RandomStep(Random random, Act act) => act switch
    {
        Act.Publish => new Step(act, random.Next(Step.Topics.Length), Sizes[random.Next(Sizes.Length)], random.Next(3) switch { 0 => 0, 1 => random.Next(6), _ => random.Next(24) }, EventFlags(random)),
        Act.Subscribe => new Step(act, random.Next(Subscribers), random.Next(6) == 0 ? random.Next(2_000) : 0, random.Next(3) == 0 ? random.Next(40) : 0, SetFlags(random)),
        Act.Room => new Step(act, random.Next(Subscribers), random.Next(4) switch { 0 => 1 + random.Next(20), 1 => random.Next(200), 2 => random.Next(1_000), _ => random.Next(20_000) }),
        Act.Clock => new Step(act, 0, random.Next(4) == 0 ? random.Next(20_000) : random.Next(3_000)),
        Act.Rules => new Step(act, random.Next(4 * 10 * 8 * 8 * 8 * 8)),
        Act.Turn or Act.Settle => new Step(act),
        _ => new Step(act, random.Next(Subscribers)),
    };

    private static int EventFlags(Random random)
    {
        var priority = random.Next(8) switch { 0 => 2, 1 or 2 => 1, _ => 0 };
        var key = random.Next(2) == 0 ? 0 : random.Next(4);
        var ttl = random.Next(6) == 0 ? random.Next(1, 3) : 0;
        return priority | (key << 2) | (random.Next(10) == 0 ? 16 : 0) | ((random.Next(5) == 0 ? random.Next(8) : 0) << 5) | (ttl << 8);
    }

    private static int SetFlags(Random random)
    {
        var flags = random.Next(5) == 0 ? 1 : 0;
        for (var i = 0; i < 6; i++)
        {
            flags |= random.Next(3) == 0 ? 2 << i : 0;
        }

        return random.Next(3) == 0 ? flags | (2 << random.Next(6, 10)) : flags;
    }
}
