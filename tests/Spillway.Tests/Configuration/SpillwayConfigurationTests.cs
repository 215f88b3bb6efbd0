using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Spillway.Configuration;
using Spillway.Events;

namespace Spillway.Tests.Configuration;

public sealed class SpillwayConfigurationTests
{
    [Fact]
    public void FindFaults_NothingConfigured_FindsNone()
    {
        Assert.Empty(SpillwayConfiguration.FindFaults(Configuration([])));
    }

    [Theory]
    [InlineData("2027-01-31T08:00:00Z", "2027-01-31T08:00:00Z")]
    [InlineData("2027-01-31T09:00:00+01:00", "2027-01-31T08:00:00Z")]
    [InlineData("", null)]
    public void Bind_Time_IsReadWithItsZone(string text, string? expected)
    {
        var options = Bind(("Spillway:Access:ApiKeys:0:Expires", text));

        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), Assert.Single(options.Access.ApiKeys).Expires);
    }

    [Fact]
    public void FindFaults_TimeWithoutAZone_IsToldWithAnExample()
    {
        var faults = SpillwayConfiguration.FindFaults(Configuration([("Spillway:Access:ApiKeys:0:Expires", "2027-01-31T08:00:00")]));

        Assert.Contains("Spillway:Access:ApiKeys:0:Expires is \"2027-01-31T08:00:00\"; give it a time like 2027-01-31T08:00:00Z.", faults);
    }

    [Fact]
    public void Bind_EveryKindOfValue_IsRead()
    {
        var options = Bind(
            ("Spillway:Limits:EventBytes", "2MiB"),
            ("spillway:limits:connections", "5000"),
            ("Spillway:Delivery:WindowBytes", "67108864"),
            ("Spillway:History:Data", "/var/lib/spillway"),
            ("Spillway:History:MaxBytes", "3 GiB"),
            ("Spillway:History:MaxAge", "7d"),
            ("Spillway:Dedup:Window", "00:05:00"),
            ("Spillway:Sse:KeepAlive", "20"),
            ("Spillway:Sse:WriteStall", "1.5m"),
            ("Spillway:Sse:MaxLifetime", "1h"),
            ("Spillway:GracePeriod", "500ms"),
            ("Spillway:Rules:0:Pattern", "telemetry/**"),
            ("Spillway:Rules:0:History", "false"),
            ("Spillway:Rules:0:BacklogBytes", "64KiB"),
            ("Spillway:Rules:1:Overflow", "drop-oldest"),
            ("Spillway:Rules:10:Overflow", "Replay"),
            ("Logging:LogLevel:Default", "Information"));

        Assert.Equal((2 * 1024 * 1024, 5_000), (options.Limits.EventBytes, options.Limits.Connections));
        Assert.Equal(67_108_864, options.Delivery.WindowBytes);
        Assert.Equal(("/var/lib/spillway", 3L << 30, TimeSpan.FromDays(7)), (options.History.Data, options.History.MaxBytes, options.History.MaxAge));
        Assert.Equal(TimeSpan.FromMinutes(5), options.Dedup.Window);
        Assert.Equal((TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(90), TimeSpan.FromHours(1)), (options.Sse.KeepAlive, options.Sse.WriteStall, options.Sse.MaxLifetime));
        Assert.Equal(TimeSpan.FromMilliseconds(500), options.GracePeriod);
        Assert.Equal(["telemetry/**", "**", "**"], options.Rules.Select(static rule => rule.Pattern));
        Assert.Equal((false, 65_536), (options.Rules[0].History, options.Rules[0].BacklogBytes));
        Assert.Equal((OverflowPolicy.DropOldest, OverflowPolicy.Replay), (options.Rules[1].Overflow, options.Rules[2].Overflow));
    }

    [Fact]
    public void Bind_EmptyValueOfAnOptionThatMayBeAbsent_SwitchesItOff()
    {
        Assert.Null(Bind(("Spillway:Sse:MaxLifetime", "")).Sse.MaxLifetime);
    }

    [Theory]
    [InlineData("Sse:KeepAlve", "5s", "Spillway:Sse:KeepAlve (\"5s\") is no option; did you mean Spillway:Sse:KeepAlive?")]
    [InlineData("see", "1", "Spillway:see (\"1\") is no option; did you mean Spillway:Sse?")]
    [InlineData("Ssl:KeepAlive", "5s", "Spillway:Ssl is no option; did you mean Spillway:Sse?")]
    [InlineData("Sse:Compression", "on", "Spillway:Sse:Compression (\"on\") is no option; remove it. docs/operations.md lists all options.")]
    [InlineData("Rules:0:Ovrflow", "replay", "Spillway:Rules:0:Ovrflow (\"replay\") is no option; did you mean Spillway:Rules:0:Overflow?")]
    [InlineData("Rules:0:EffectiveOverflow", "replay", "Spillway:Rules:0:EffectiveOverflow (\"replay\") is no option; remove it. docs/operations.md lists all options.")]
    [InlineData("Sse", "on", "Spillway:Sse is \"on\", but it is a section; set the options in it, for example Spillway:Sse:KeepAlive.")]
    [InlineData("Rules", "**", "Spillway:Rules is \"**\", but it is a list; begin with Spillway:Rules:0:Pattern.")]
    [InlineData("Rules:Pattern", "**", "Spillway:Rules:Pattern is in a list, whose members are numbered; write Spillway:Rules:0:Pattern for the first.")]
    [InlineData("Sse:KeepAlive:Seconds", "5", "Spillway:Sse:KeepAlive:Seconds is set, but Spillway:Sse:KeepAlive is one value; give it 1s to 1d.")]
    public void FindFaults_KeyThatDoesNotExist_IsOneFaultWithARemedy(string key, string value, string expected)
    {
        Assert.Equal([expected], FindFaults(("Spillway:" + key, value)));
    }

    [Theory]
    [InlineData("Sse:KeepAlive", "soon", "1s to 1d")]
    [InlineData("Sse:KeepAlive", "", "1s to 1d")]
    [InlineData("Sse:KeepAlive", "-5s", "1s to 1d")]
    [InlineData("Sse:KeepAlive", "5 parsecs", "1s to 1d")]
    [InlineData("Sse:AcceptRate", "1.5", "1 to 1000000")]
    [InlineData("Sse:AcceptRate", "1KiB", "1 to 1000000")] // It is no number of bytes.
    [InlineData("Sse:AcceptRate", "99999999999", "1 to 1000000")]
    [InlineData("Limits:EventBytes", "1MB", "1KiB to 16MiB")]
    [InlineData("Limits:EventBytes", "9999999999GiB", "1KiB to 16MiB")]
    [InlineData("History:MaxBytes", "much", "1MiB or more")]
    [InlineData("Rules:0:History", "yes", "true or false")]
    [InlineData("Rules:0:Overflow", "drop-all", "replay or drop-oldest or drop-newest or latest or disconnect")]
    [InlineData("Rules:0:Overflow", "1", "replay or drop-oldest or drop-newest or latest or disconnect")]
    public void FindFaults_ValueThatCannotBeRead_IsOneFaultWithARemedy(string key, string value, string wanted)
    {
        Assert.Equal([$"Spillway:{key} is \"{value}\"; give it {wanted}."], FindFaults(("Spillway:" + key, value)));
    }

    [Fact]
    public void FindFaults_SeveralFaults_AreAllFound()
    {
        var faults = FindFaults(
            ("Spillway:Sse:KeepAlve", "5s"),
            ("Spillway:Sse:WriteStall", "soon"),
            ("Spillway:Limits:EventBytes", "1"),
            ("Spillway:Limits:Topics", "0"),
            ("Spillway:Rules:0:Pattern", "a/**/b"));

        Assert.Equal(
            [
                "Spillway:Limits:EventBytes is 1; give it 1KiB to 16MiB.",
                "Spillway:Limits:Topics is 0; give it 1 to 100000000.",
                "Spillway:Rules:0:Pattern: \"a/**/b\" has \"**\" before its end; it may only be the last segment.",
                "Spillway:Sse:KeepAlve (\"5s\") is no option; did you mean Spillway:Sse:KeepAlive?",
                "Spillway:Sse:WriteStall is \"soon\"; give it 1s to 1d.",
            ],
            faults.Order(StringComparer.Ordinal));
    }

    public static TheoryData<string> BoundedKeys { get; } =
        [.. OptionShape.ValuesOf(typeof(SpillwayOptions), SpillwayOptions.Section).Where(static option => OptionShape.BoundsOf(option.Property) is not null).Select(static option => option.Key)];

    [Theory]
    [MemberData(nameof(BoundedKeys))]
    public void FindFaults_EachBoundOfEachOption_IsKept(string key)
    {
        var property = OptionShape.ValuesOf(typeof(SpillwayOptions), SpillwayOptions.Section).Single(option => option.Key == key).Property;
        var (least, most) = OptionShape.BoundsOf(property)!.Value;

        AssertRefused(Text(least, -1));
        Assert.DoesNotContain(FindFaults((key, Text(least, 0))), IsAboutBounds);
        if (most is not >= 9e18) // Else there is no upper bound.
        {
            AssertRefused(Text(most, 1));
            Assert.DoesNotContain(FindFaults((key, Text(most, 0))), IsAboutBounds);
        }

        void AssertRefused(string value)
        {
            var fault = Assert.Single(FindFaults((key, value)));
            Assert.StartsWith($"{key} is ", fault, StringComparison.Ordinal);
            Assert.EndsWith($"; give it {OptionText.Wanted(property)}.", fault, StringComparison.Ordinal);
        }

        bool IsAboutBounds(string fault) => fault.Contains("; give it " + OptionText.Wanted(property), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_EveryNumberAndDuration_HasBounds()
    {
        var unbounded = OptionShape.ValuesOf(typeof(SpillwayOptions), SpillwayOptions.Section)
            .Where(static option => OptionShape.BoundsOf(option.Property) is null && !IsWithoutBounds(option.Property));

        Assert.Empty(unbounded.Select(static option => option.Key));

        static bool IsWithoutBounds(PropertyInfo property) =>
            (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is var type && (type == typeof(string) || type == typeof(bool) || type == typeof(DateTimeOffset) || type.IsEnum || OptionShape.IsTextList(type));
    }

    [Fact]
    public void AddOptions_ConfigurationWithFaults_ThrowsAllOfThemAtOnce()
    {
        using var services = Services(("Spillway:Sse:KeepAlve", "5s"), ("Spillway:Delivery:WindowEvents", "1000"), ("Spillway:Limits:Topics", "many"));

        var fault = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<SpillwayOptions>>().Value);

        Assert.Equal(3, fault.Failures.Count());
    }

    [Fact]
    public void AddOptions_CodeAfterIt_HasTheLastWord()
    {
        using var services = Services(("Spillway:Sse:KeepAlive", "5s"), ("Spillway:Sse:WriteStall", "6s"));

        var options = services.GetRequiredService<IOptions<SpillwayOptions>>().Value;

        Assert.Equal((TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(6)), (options.Sse.KeepAlive, options.Sse.WriteStall));
    }

    private static ServiceProvider Services(params (string Key, string Value)[] values)
    {
        var services = new ServiceCollection();
        services.AddSingleton(Configuration(values));
        SpillwayConfiguration.AddOptions(services);
        SpillwayConfiguration.AddOptions(services); // Twice is once.
        services.Configure<SpillwayOptions>(static options => options.Sse.KeepAlive = TimeSpan.FromSeconds(7));
        return services.BuildServiceProvider();
    }

    private static SpillwayOptions Bind(params (string Key, string Value)[] values)
    {
        var options = new SpillwayOptions();
        var faults = new List<string>();
        SpillwayConfiguration.Bind(Configuration(values), options, faults);
        Assert.Empty(faults);
        return options;
    }

    private static IReadOnlyList<string> FindFaults(params (string Key, string Value)[] values) => SpillwayConfiguration.FindFaults(Configuration(values));

    private static IConfiguration Configuration((string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(static pair => KeyValuePair.Create<string, string?>(pair.Key, pair.Value))).Build();

    // A bound, or the value next to it on the side that sign says.
    private static string Text(object bound, int sign) => bound switch
    {
        TimeSpan span => (span + TimeSpan.FromTicks(sign)).ToString("c"),
        _ => ((decimal)Convert.ToDouble(bound, null) + sign).ToString("0", null),
    };
}
