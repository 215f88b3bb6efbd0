using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Spillway.Mercure.Patterns;
using Spillway.TestKit;

namespace Spillway.Tests.Mercure.Patterns;

/// <summary>Expressions are shared while they are held, bounded in number, and forgotten once nobody holds them.</summary>
public sealed class SharedExpressionsTests
{
    [Fact]
    public void TryGet_SameText_IsOneObjectAndAnotherIsAnother()
    {
        var expressions = new SharedExpressions(100_000, TimeProvider.System);
        var first = Get(expressions, @"\Aa+\z");

        Assert.Same(first, Get(expressions, @"\Aa+\z"));
        Assert.NotSame(first, Get(expressions, @"\Ab+\z"));
        Assert.All(Enumerable.Range(0, 600), i => Assert.Matches(Get(expressions, $@"\A{i}a*\z"), $"{i}a")); // Far past where what nobody holds is forgotten.
        Assert.Same(first, Get(expressions, @"\Aa+\z"));
    }

    [Fact]
    public void TryGet_AsManyAsThereMayBe_OthersAreRefusedAndCountedUntilSomeAreLeft()
    {
        var expressions = new SharedExpressions(3, TimeProvider.System);
        var kept = Get(expressions, "kept");
        Hold(expressions, "x", "y");

        Collect();

        Assert.Equal((0L, 3), (expressions.Refused, expressions.Count)); // Who has left is not noticed before there is need of it.
        var held = Hold(expressions, "z", "w");
        Assert.False(expressions.TryGet("v", out _));
        Assert.Equal((1L, 3), (expressions.Refused, expressions.Count));
        Assert.Contains("the 3 that Mercure:Expressions allows", expressions.FaultOfMany(), StringComparison.Ordinal);
        Assert.Same(kept, Get(expressions, "kept")); // What is there can be had all the same.
        GC.KeepAlive(held);
    }

    /// <summary>A hub at rest allocates nothing, and would never learn that those who held expressions have left.</summary>
    [Fact]
    public void TryGet_Full_HasTheRuntimeLookNowAndThenAndNotEachTime()
    {
        var (clock, looks) = (new ManualTimeProvider(), 0);
        var expressions = new SharedExpressions(1, clock, () => looks++);
        var held = Get(expressions, "a");
        var counts = new List<int>();

        foreach (var seconds in (int[])[0, 0, 9, 1, 0])
        {
            clock.Advance(TimeSpan.FromSeconds(seconds));
            Assert.False(expressions.TryGet("b", out _));
            counts.Add(looks);
        }

        Assert.Equal([1, 1, 1, 2, 2], counts);
        GC.KeepAlive(held);
    }

    [Fact]
    public void TryGet_TooManyStates_ThrowsAndTakesNoRoom()
    {
        var expressions = new SharedExpressions(1, TimeProvider.System);

        Assert.Throws<NotSupportedException>(() => expressions.TryGet("(?:a{1000}){1000}", out _));

        Assert.Equal(0, expressions.Count);
        Assert.NotNull(Get(expressions, "a"));
    }

    /// <summary>Of what several ask for at once one is kept: the others would be bounded by nothing.</summary>
    [Fact]
    public async Task TryGet_ManyAtOnce_AllGetTheSame()
    {
        var expressions = new SharedExpressions(1_000, TimeProvider.System);
        for (var round = 0; round < 50; round++)
        {
            var text = $"a{round}";
            using var together = new Barrier(4);

            var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    together.SignalAndWait(TestContext.Current.CancellationToken);
                    return Get(expressions, text);
                },
                TestContext.Current.CancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));

            Assert.All(all, one => Assert.Same(all[0], one));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<Regex> Hold(SharedExpressions expressions, params string[] texts) => [.. texts.Select(text => Get(expressions, text))];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Regex Get(SharedExpressions expressions, string text)
    {
        Assert.True(expressions.TryGet(text, out var regex));
        return regex;
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
