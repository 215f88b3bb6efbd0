using Microsoft.Extensions.Options;
using Spillway.TestKit;

namespace Spillway.Tests.Configuration;

public sealed class LimitReloadTests : IDisposable
{
    private readonly SpillwayOptions _options = new();
    private readonly LogCollector _logs = new();
    private readonly LimitReload _limits;

    public LimitReloadTests() => _limits = new LimitReload(Options.Create(_options), _logs.For<LimitReload>());

    public void Dispose() => _logs.Dispose();

    [Fact]
    public void Prepare_LimitsHaveChanged_AreWhatEverybodyReads()
    {
        var changed = new SpillwayOptions { Limits = { SelectorsInQuery = 7, PublishIdle = TimeSpan.FromMinutes(1), Connections = 5 }, Sse = { AcceptRate = 3, KeepAlive = TimeSpan.FromSeconds(20) } };
        var (limits, connections) = (_options.Limits, _options.Limits.Connections);
        Assert.Equal(["Spillway:Limits:Connections", "Spillway:Sse:KeepAlive"], SpillwayConfiguration.FindChanges(_options, changed).Order(StringComparer.Ordinal));

        _limits.Prepare(changed)!.Apply();

        Assert.Equal((7, TimeSpan.FromMinutes(1), connections), (limits.SelectorsInQuery, limits.PublishIdle, limits.Connections));
        Assert.Equal((3, new SseOptions().KeepAlive), (_options.Sse.AcceptRate, _options.Sse.KeepAlive));
        Assert.Contains("Spillway:Limits:SelectorsInQuery, Spillway:Limits:PublishIdle, Spillway:Sse:AcceptRate", Assert.Single(_logs.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_OnlyOthersHaveChanged_IsNothing() => Assert.Null(_limits.Prepare(new SpillwayOptions { Limits = { Connections = 5 } }));

    [Fact]
    public void Drop_LimitsHaveChanged_StayAsTheyWere()
    {
        _limits.Prepare(new SpillwayOptions { Limits = { BatchEvents = 7 } })!.Drop();

        Assert.Equal(new LimitOptions().BatchEvents, _options.Limits.BatchEvents);
    }
}
