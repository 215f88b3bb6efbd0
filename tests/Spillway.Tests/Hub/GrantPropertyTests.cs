using System.Globalization;

namespace Spillway.Tests.Hub;

/// <summary>
/// Random grants, topics, alternates, patterns, stalls, reconnects with other grants, renewals of a live connection, revocations, rules that give events up, and replays, against one sentence: an event comes if one of its topics is both asked for and granted, and
/// nothing else is told of any other.
/// </summary>
/// <remarks>A case is an event and a connection that it was for, or not. SPILLWAY_TEST_SEED=n runs one seed; SPILLWAY_TEST_SCALE=all runs a million cases.</remarks>
public sealed class GrantPropertyTests
{
    [Fact]
    public async Task Hub_RandomGrantsAndReconnects_DeliversExactlyWhatIsAskedForAndGranted()
    {
        var only = int.TryParse(Environment.GetEnvironmentVariable("SPILLWAY_TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : (int?)null;
        var enough = only is not null ? 1 : Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 1_000_000 : 50_000;
        var tried = new GrantTally();
        for (var seed = only ?? 1; tried.Cases < enough; seed++)
        {
            await using var run = new GrantRun(seed, tried);
            await run.JudgeAsync();
        }

        if (only is null)
        {
            // Else it would show little: most must be there, both ways, and by alternates, gaps and refusals, too.
            var shares = new[] { tried.Delivered, tried.Withheld, tried.ByAlternate, tried.Refused * 100, tried.InGaps * 20, tried.Renewed * 100, tried.Revoked * 100 };
            Assert.All(shares, share => Assert.True(share > tried.Cases / 50, tried.ToString()));
        }
    }
}
