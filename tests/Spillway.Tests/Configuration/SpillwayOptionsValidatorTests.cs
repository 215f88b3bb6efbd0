using Spillway.Events;

namespace Spillway.Tests.Configuration;

public sealed class SpillwayOptionsValidatorTests
{
    private readonly SpillwayOptions _options = new();

    [Fact]
    public void FindFaults_Defaults_FindsNone()
    {
        Assert.Empty(SpillwayOptionsValidator.FindFaults(_options));
    }

    [Theory]
    [InlineData(1_000, "512 or 1024")]
    [InlineData(262_143, "131072 or 262144")]
    public void FindFaults_WindowOfNoPowerOfTwo_NamesThoseNextToIt(int events, string wanted)
    {
        _options.Delivery.WindowEvents = events;

        Assert.Equal($"Spillway:Delivery:WindowEvents is {events}, which is no power of two; give it {wanted}.", OnlyFault());
    }

    [Fact]
    public void FindFaults_WindowBelowFourEvents_NamesBothOptions()
    {
        _options.Delivery.WindowBytes = (4 * 1024 * 1024) - 1;

        Assert.Equal(
            "Spillway:Delivery:WindowBytes is 4194303; give it at least 4194304 (four times Limits:EventBytes), or lower Spillway:Limits:EventBytes.", OnlyFault());

        _options.Delivery.WindowBytes++;
        Assert.Empty(SpillwayOptionsValidator.FindFaults(_options));
    }

    [Fact]
    public void FindFaults_BatchBelowAnEvent_NamesBothOptions()
    {
        _options.Limits.BatchBytes = _options.Limits.EventBytes - 1;

        Assert.StartsWith("Spillway:Limits:BatchBytes is 1048575; give it at least 1048576 ", OnlyFault(), StringComparison.Ordinal);
    }

    [Fact]
    public void FindFaults_QueueBelowABatch_NamesBothOptions()
    {
        _options.Limits.IngressQueueBytes = _options.Limits.BatchBytes - 1;

        Assert.StartsWith("Spillway:Limits:IngressQueueBytes is 8388607; give it at least 8388608 ", OnlyFault(), StringComparison.Ordinal);
    }

    [Fact]
    public void FindFaults_HistoryBelowAnEvent_NamesBothOptions()
    {
        (_options.Limits.EventBytes, _options.History.MaxBytes) = (2 * 1024 * 1024, 1024 * 1024);

        Assert.StartsWith("Spillway:History:MaxBytes is 1048576; give it at least 2097152 ", OnlyFault(), StringComparison.Ordinal);
    }

    [Fact]
    public void FindFaults_QuotasTogetherMoreThanTheHub_NamesRulesSumAndRemedy()
    {
        _options.History.MaxBytes = 10_000_000;
        _options.Rules.Add(new TopicRule { Pattern = "a/**", MaxBytes = 6_000_000 });
        _options.Rules.Add(new TopicRule { Pattern = "b", MaxBytes = 4_000_001, MaxEvents = 10_000_000 });

        Assert.Equal(
            "Spillway:Rules: the rules' MaxBytes are together 10000001 (\"a/**\" 6000000, \"b\" 4000001), more than Spillway:History:MaxBytes, which is 10000000; "
            + "lower them, or raise that to at least 10000001.", OnlyFault());

        _options.Rules[1].MaxBytes--;
        Assert.Empty(SpillwayOptionsValidator.FindFaults(_options));

        _options.Rules[0].MaxEvents = 1;
        Assert.StartsWith("Spillway:Rules: the rules' MaxEvents are together 10000001 (\"a/**\" 1, \"b\" 10000000), more than ", OnlyFault(), StringComparison.Ordinal);
    }

    [Fact]
    public void FindFaults_BoundsOfARuleOutOfRange_NamesEach()
    {
        _options.Rules.Add(new TopicRule { Pattern = "a", MaxAge = TimeSpan.Zero, MaxBytes = 0, MaxEvents = -1 });

        Assert.Equal(
            [
                "Spillway:Rules:0:MaxAge is 0s; give it 1s to 36500d.", "Spillway:Rules:0:MaxBytes is 0; give it 1KiB or more.",
                "Spillway:Rules:0:MaxEvents is -1; give it 1 or more.",
            ],
            SpillwayOptionsValidator.FindFaults(_options));
    }

    [Fact]
    public void FindFaults_BoundsOfARuleWithoutHistory_IsAFault()
    {
        _options.Rules.Add(new TopicRule { Pattern = "a", History = false, MaxAge = TimeSpan.FromHours(1) });

        Assert.Equal("Spillway:Rules:0:MaxAge is set, but Spillway:Rules:0:History is false: nothing is kept; set History to true, or remove MaxAge.", OnlyFault());
    }

    [Fact]
    public void FindFaults_RetainWithoutHistory_IsAFault()
    {
        _options.Rules.Add(new TopicRule { Pattern = "a", History = false, Retain = RetainMode.Latest });

        Assert.Equal("Spillway:Rules:0:Retain is set, but Spillway:Rules:0:History is false: nothing is kept; set History to true, or remove Retain.", OnlyFault());
    }

    [Fact]
    public void FindFaults_KeysOfARuleThatRetainsNone_IsAFault()
    {
        _options.Rules.Add(new TopicRule { Pattern = "a", MaxKeys = 5 });

        Assert.Equal("Spillway:Rules:0:MaxKeys is set, but Spillway:Rules:0:Retain is none: no keys are retained; set Retain to latest, or remove MaxKeys.", OnlyFault());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(null)]
    public void FindFaults_NoData_IsAFault(string? data)
    {
        _options.History.Data = data!;

        Assert.StartsWith("Spillway:History:Data is ", OnlyFault(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Memory")]
    [InlineData("memory ")]
    public void FindFaults_DataThatMeansMemoryAndIsNot_IsAFault(string data)
    {
        _options.History.Data = data;

        Assert.StartsWith($"Spillway:History:Data is \"{data}\", which would be a directory", OnlyFault(), StringComparison.Ordinal);
    }

    [Fact]
    public void FindFaults_SectionSetToNull_IsAFault()
    {
        _options.Sse = null!;

        Assert.Equal("Spillway:Sse is null; leave it as it is, or give it options.", OnlyFault());
    }

    [Theory]
    [InlineData(null, "Spillway:Rules:0:Pattern is none; give it text.")]
    [InlineData("", "Spillway:Rules:0:Pattern is \"\"; give it text.")]
    [InlineData("a/**/b", "Spillway:Rules:0:Pattern: \"a/**/b\" has \"**\" before its end; it may only be the last segment.")]
    [InlineData("a\tb", "Spillway:Rules:0:Pattern: \"a\tb\" holds U+0009; control and format characters and damaged text are not allowed.")]
    public void FindFaults_BadPattern_IsAFault(string? pattern, string expected)
    {
        _options.Rules.Add(new TopicRule { Pattern = pattern! });

        Assert.Equal(expected, OnlyFault());
    }

    [Fact]
    public void FindFaults_RuleThatIsNeverReached_NamesTheOneBefore()
    {
        _options.Rules.Add(new TopicRule { Pattern = "a/*" });
        _options.Rules.Add(new TopicRule { Pattern = "a/*" });
        _options.Rules.Add(new TopicRule { Pattern = "**" });
        _options.Rules.Add(new TopicRule { Pattern = "b" });

        Assert.Equal(
            [
                "Spillway:Rules:1:Pattern is \"a/*\", which is never reached: rule 0 (\"a/*\") takes its topics first; move it up, or remove it.",
                "Spillway:Rules:3:Pattern is \"b\", which is never reached: rule 2 (\"**\") takes its topics first; move it up, or remove it.",
            ],
            SpillwayOptionsValidator.FindFaults(_options));
    }

    [Theory]
    [InlineData("a/**", "a")]
    [InlineData("a/**", "a/b/**")]
    [InlineData("a/**", "a/*/c")]
    [InlineData("a/*", "a/b")]
    [InlineData("*/b/**", "a/b/c")]
    [InlineData("*/**", "*")]
    public void FindFaults_WiderPatternBefore_IsAFault(string wide, string narrow)
    {
        _options.Rules.Add(new TopicRule { Pattern = wide });
        _options.Rules.Add(new TopicRule { Pattern = narrow });

        Assert.StartsWith($"Spillway:Rules:1:Pattern is \"{narrow}\", which is never reached: rule 0 (\"{wide}\")", OnlyFault(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "a/**")]
    [InlineData("a/b/**", "a/**")]
    [InlineData("a/*", "a/**")]
    [InlineData("a/b", "a/*")]
    [InlineData("a/*", "a/*/c")]
    [InlineData("a/*/c", "*/b/c")]
    [InlineData("*/**", "**")]
    public void FindFaults_NarrowerOrOtherPatternBefore_IsNone(string first, string second)
    {
        _options.Rules.Add(new TopicRule { Pattern = first });
        _options.Rules.Add(new TopicRule { Pattern = second });

        Assert.Empty(SpillwayOptionsValidator.FindFaults(_options));
    }

    [Fact]
    public void FindFaults_ReplayWithoutHistory_IsAFault()
    {
        _options.Rules.Add(new TopicRule { History = false, Overflow = OverflowPolicy.Replay });

        Assert.StartsWith("Spillway:Rules:0:Overflow is replay, but Spillway:Rules:0:History is false", OnlyFault(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_000, true)]
    [InlineData(999, true)]
    [InlineData(1_001, false)]
    public void FindFaults_BatchNotShorterThanTtl_IsAFault(int ttl, bool isFault)
    {
        _options.Rules.Add(new TopicRule { Batch = TimeSpan.FromSeconds(1), Ttl = TimeSpan.FromMilliseconds(ttl) });

        Assert.Equal(isFault ? [$"Spillway:Rules:0:Batch is 1000ms, but Spillway:Rules:0:Ttl is {ttl}ms: what waits so long is not delivered; give Batch at most half of Ttl, or remove one."] : [], SpillwayOptionsValidator.FindFaults(_options));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(60_001)]
    [InlineData(0)]
    public void FindFaults_BatchOutOfBounds_IsAFault(int milliseconds)
    {
        _options.Rules.Add(new TopicRule { Batch = TimeSpan.FromMilliseconds(milliseconds) });

        Assert.EndsWith("give it 10ms to 1m.", OnlyFault(), StringComparison.Ordinal);
    }

    [Fact]
    public void FindFaults_PolicyThatDoesNotExist_IsAFault()
    {
        _options.Rules.Add(new TopicRule { Overflow = (OverflowPolicy)99 });

        Assert.Equal("Spillway:Rules:0:Overflow is 99; give it replay or drop-oldest or drop-newest or latest or disconnect.", OnlyFault());
    }

    [Theory]
    [InlineData(254, false, true)]
    [InlineData(254, true, true)]
    [InlineData(255, false, false)] // "**" is added, and would be the 256th.
    [InlineData(255, true, false)]
    public void FindFaults_Rules_AreAtMost255WithTheLast(int count, bool withLast, bool expected)
    {
        for (var i = 0; i < count; i++)
        {
            _options.Rules.Add(new TopicRule { Pattern = $"a/{i}" });
        }

        if (withLast)
        {
            _options.Rules.Add(new TopicRule());
        }

        var faults = SpillwayOptionsValidator.FindFaults(_options);

        Assert.Equal(expected, faults.Count == 0);
        if (expected)
        {
            Assert.True(new TopicRules(_options.Rules).Count <= TopicRules.MaxRules);
        }
        else
        {
            Assert.Contains("at most 255", Assert.Single(faults), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void FindFaults_CommitWeakerThanTheWeakest_NamesBoth()
    {
        (_options.History.Commit, _options.History.WeakestCommit) = (CommitLevel.Memory, CommitLevel.Written);

        Assert.Equal("Spillway:History:Commit is memory, weaker than Spillway:History:WeakestCommit (written); raise the one or lower the other.", OnlyFault());
    }

    private string OnlyFault() => Assert.Single(SpillwayOptionsValidator.FindFaults(_options));
}
