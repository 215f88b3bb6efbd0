using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

public sealed class OptionReloaderTests : IAsyncDisposable
{
    private readonly ChangingConfiguration _configuration = new(("Rules:0:Pattern", "a/**"), ("Sse:KeepAlive", "20s"));
    private readonly ChangingConfiguration _hostsOwn = new();
    private readonly List<string> _patterns = []; // That the host's own code adds.
    private readonly LogCollector _logs = new();
    private readonly MetricCollector _metrics = new();
    private readonly ScriptedPart _part = new();
    private readonly ScriptedPart _second = new();
    private readonly HubHarness _hub;
    private readonly OptionReloader _reloader;
    private bool _hostFails;

    public OptionReloaderTests()
    {
        var services = new ServiceCollection().AddSingleton(_configuration.Root);
        SpillwayConfiguration.AddOptions(services);
        services.Configure<SpillwayOptions>(_ => _hostFails = _hostFails ? throw new InvalidOperationException("The host's own fault.") : false);
        services.Configure<SpillwayOptions>(options => _patterns.ForEach(pattern => options.Rules.Add(new TopicRule { Pattern = pattern })));
        services.AddSingleton<IOptionsChangeTokenSource<SpillwayOptions>>(new ConfigurationChangeTokenSource<SpillwayOptions>(_hostsOwn.Root));
        var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptions<SpillwayOptions>>();
        _hub = new HubHarness(options.Value);
        _reloader = new OptionReloader(
            _hub.Hub, [_part, _second], options, _configuration.Root, provider.GetServices<IOptionsChangeTokenSource<SpillwayOptions>>(),
            provider.GetRequiredService<IOptionsFactory<SpillwayOptions>>(), new HubMetrics(_metrics), _hub.Clock, _logs.For<OptionReloader>());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _reloader.Dispose();
        await _hub.DisposeAsync();
        _metrics.Dispose();
        Assert.Empty(_logs.Errors);
        _logs.Dispose();
    }

    [Fact]
    public async Task Change_OtherRules_AreInForceWhenAllIsQuiet()
    {
        await _reloader.StartAsync(Token);

        _configuration.Change(("Rules:0:Pattern", "b/**"), ("Rules:0:BacklogEvents", "9"), ("Sse:KeepAlive", "20s"));
        _hub.Clock.Advance(OptionReloader.Quiet - TimeSpan.FromTicks(1));
        Assert.Equal(256, _hub.Rules.Current.For("b/1").BacklogEvents);
        _hub.Clock.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(9, _hub.Rules.Current.For("b/1").BacklogEvents);
        Assert.Equal(1, Reloads("applied"));
        Assert.Contains(_logs.Lines, static line => line.Id == 3003);
    }

    [Fact]
    public async Task Change_OfWhatTheHostsOwnCodeReads_IsTakenOver()
    {
        await _reloader.StartAsync(Token);
        _patterns.Add("host/**");

        _hostsOwn.Change();
        _hub.Clock.Advance(OptionReloader.Quiet);

        Assert.Equal(("a/**", "host/**"), (_hub.Rules.Current.For("a").Pattern, _hub.Rules.Current.For("host").Pattern));
    }

    [Fact]
    public async Task Change_OneAfterTheOther_AreReadOnceAndWithoutEndAfterTwoSeconds()
    {
        await _reloader.StartAsync(Token);
        for (var i = 0; i < 5; i++)
        {
            Change($"b/{i}");
            _hub.Clock.Advance(TimeSpan.FromMilliseconds(200));
        }

        _hub.Clock.Advance(OptionReloader.Quiet);
        Assert.Equal(1, Reloads("applied"));

        for (var i = 0; i < 15; i++) // 3 s.
        {
            Change($"c/{i}");
            _hub.Clock.Advance(TimeSpan.FromMilliseconds(200));
        }

        Assert.Equal(2, Reloads("applied"));
    }

    [Fact]
    public async Task Change_SameRules_IsCountedAsUnchanged()
    {
        await _reloader.StartAsync(Token);
        var before = _hub.Rules.Current;

        Change("a/**");
        _hub.Clock.Advance(OptionReloader.Quiet);

        Assert.Same(before, _hub.Rules.Current);
        Assert.Equal(1, Reloads("unchanged"));
    }

    [Theory]
    [InlineData("Rules:0:Pattern", "a/**/b", "before its end")]
    [InlineData("Rules:0:Patern", "a", "did you mean Spillway:Rules:0:Pattern?")]
    [InlineData("Rules:0:Overflow", "newest", "Spillway:Rules:0:Overflow is \"newest\"")]
    [InlineData("Sse:KeepAlive", "0s", "Spillway:Sse:KeepAlive")]
    public async Task Change_AnyFault_KeepsTheOldRulesAndIsTold(string key, string value, string expected)
    {
        await _reloader.StartAsync(Token);
        var before = _hub.Rules.Current;

        _configuration.Change((key, value), ("Rules:1:Pattern", "new"));
        _hub.Clock.Advance(OptionReloader.Quiet);

        Assert.Same(before, _hub.Rules.Current);
        Assert.Equal(1, Reloads("refused"));
        Assert.Contains(expected, Assert.Single(_logs.TakeErrors()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_SectionIsGone_KeepsTheOldRules()
    {
        await _reloader.StartAsync(Token);
        var before = _hub.Rules.Current;

        _configuration.Change();
        _hub.Clock.Advance(OptionReloader.Quiet);

        Assert.Same(before, _hub.Rules.Current);
        Assert.Contains("no section Spillway", Assert.Single(_logs.TakeErrors()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_HostsOwnCodeThrows_KeepsTheOldRules()
    {
        await _reloader.StartAsync(Token);
        var before = _hub.Rules.Current;
        _hostFails = true;

        Change("b");
        _hub.Clock.Advance(OptionReloader.Quiet);

        Assert.Same(before, _hub.Rules.Current);
        Assert.Contains("The host's own fault.", Assert.Single(_logs.TakeErrors()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_FaultIsMended_TakesTheNewRulesOver()
    {
        await _reloader.StartAsync(Token);
        Change("a/**/b");
        _hub.Clock.Advance(OptionReloader.Quiet);
        _logs.TakeErrors();

        Change("b/**");
        _hub.Clock.Advance(OptionReloader.Quiet);

        Assert.Equal("b/**", _hub.Rules.Current.For("b").Pattern);
    }

    [Fact]
    public async Task Change_OtherOptions_AreToldOnceUntilTheyAreAsTheyWere()
    {
        await _reloader.StartAsync(Token);

        foreach (var keepAlive in (string[])["30s", "40s", "20s", "30s"])
        {
            _configuration.Change(("Rules:0:Pattern", "a/**"), ("Sse:KeepAlive", keepAlive));
            _hub.Clock.Advance(OptionReloader.Quiet);
        }

        var told = _logs.Lines.Where(static line => line.Id == 3005).ToArray();
        Assert.Equal(2, told.Length);
        Assert.All(told, static line => Assert.Contains("Spillway:Sse:KeepAlive", line.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Change_WhatIsKeptByRule_IsTakenOver()
    {
        await _reloader.StartAsync(Token);

        _configuration.Change(("Rules:0:Pattern", "a/**"), ("Rules:0:MaxAge", "1h"), ("Sse:KeepAlive", "20s"));
        _hub.Clock.Advance(OptionReloader.Quiet);

        Assert.DoesNotContain(_logs.Lines, static line => line.Id == 3005);
        Assert.Equal(TimeSpan.FromHours(1), _hub.Rules.Current.For("a/b").MaxAge);
    }

    [Fact]
    public async Task StopAsync_ChangesCome_NothingIsRead()
    {
        await _reloader.StartAsync(Token);
        Change("b");
        await _reloader.StopAsync(Token);

        Change("c");
        _hub.Clock.Advance(TimeSpan.FromSeconds(9));

        Assert.Equal(0, Reloads("applied"));
    }

    [Fact]
    public async Task Change_OfWhatAPartTakes_IsAppliedWithTheRules()
    {
        await _reloader.StartAsync(Token);

        Change("a/**");
        _part.HasChange = true;
        _hub.Clock.Advance(OptionReloader.Quiet);
        Assert.Equal((1, 1, 0), (Reloads("applied"), _part.Applied, _part.Dropped));

        Change("b/**");
        _hub.Clock.Advance(OptionReloader.Quiet);
        Assert.Equal((2, 2, 0), (Reloads("applied"), _part.Applied, _part.Dropped));
    }

    [Fact]
    public async Task Change_APartCannot_ChangesNothingAnywhere()
    {
        await _reloader.StartAsync(Token);
        var before = _hub.Rules.Current;
        (_part.HasChange, _second.Fault) = (true, "The file is gone.");

        Change("b/**");
        _hub.Clock.Advance(OptionReloader.Quiet);

        Assert.Same(before, _hub.Rules.Current);
        Assert.Equal((0, 1), (_part.Applied, _part.Dropped));
        Assert.Contains("The file is gone.", Assert.Single(_logs.TakeErrors()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_TooManyRules_DropsWhatAPartHadReady()
    {
        await _reloader.StartAsync(Token);
        Take(0);
        foreach (var topic in Enumerable.Range(0, 200))
        {
            _hub.Publish($"t{topic}", "x"); // Until it leaves the window, its rule counts.
        }

        _part.HasChange = true;
        Take(200);

        Assert.Equal((0, 1, 1), (_part.Applied, _part.Dropped, Reloads("refused")));
        Assert.Contains("more than 255", Assert.Single(_logs.TakeErrors()), StringComparison.Ordinal);

        void Take(int first)
        {
            _configuration.Change([.. Enumerable.Range(0, 200).Select(n => ($"Rules:{n}:Pattern", $"t{first + n}")), ("Sse:KeepAlive", "20s")]);
            _hub.Clock.Advance(OptionReloader.Quiet);
        }
    }

    private void Change(string pattern) => _configuration.Change(("Rules:0:Pattern", pattern), ("Sse:KeepAlive", "20s"));

    private double Reloads(string result) => _metrics.Sum("spillway.hub.reloads", result);
}
