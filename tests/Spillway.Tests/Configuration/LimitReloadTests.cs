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
        var limits = _options.Limits;
        Assert.Equal(["Spillway:Sse:KeepAlive"], SpillwayConfiguration.FindChanges(_options, changed).Order(StringComparer.Ordinal));

        _limits.Prepare(changed)!.Apply();

        Assert.Equal((7, TimeSpan.FromMinutes(1), 5), (limits.SelectorsInQuery, limits.PublishIdle, limits.Connections));
        Assert.Equal((3, new SseOptions().KeepAlive), (_options.Sse.AcceptRate, _options.Sse.KeepAlive));
        Assert.Contains("Spillway:Limits:SelectorsInQuery, Spillway:Limits:Connections, Spillway:Limits:PublishIdle, Spillway:Sse:AcceptRate", Assert.Single(_logs.Lines).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Prepare_OnlyOthersHaveChanged_IsNothing() => Assert.Null(_limits.Prepare(new SpillwayOptions { Sse = { KeepAlive = TimeSpan.FromSeconds(20) } }));

    [Fact]
    public void Keys_OfTheLimits_AreAll() =>
        Assert.Equal(typeof(LimitOptions).GetProperties().Length, LimitReload.Keys.Count(static key => key.StartsWith("Spillway:Limits:", StringComparison.Ordinal)));

    [Fact]
    public void Prepare_LimitFitsOnlyWhatWaitsForARestart_IsRefusedAndChangesNothing()
    {
        var changed = new SpillwayOptions { Limits = { EventBytes = 1 << 24, BatchBytes = 1 << 25, Connections = 5 }, Delivery = { WindowBytes = 1 << 30 } };
        _options.Delivery.WindowBytes = 1 << 20;

        var fault = Assert.Throws<OptionsValidationException>(() => _limits.Prepare(changed));

        Assert.StartsWith("Spillway:Delivery:WindowBytes is 1048576; give it at least 67108864", Assert.Single(fault.Failures), StringComparison.Ordinal);
        Assert.Equal(new LimitOptions().Connections, _options.Limits.Connections);
    }

    [Fact]
    public void Drop_LimitsHaveChanged_StayAsTheyWere()
    {
        _limits.Prepare(new SpillwayOptions { Limits = { BatchEvents = 7 } })!.Drop();

        Assert.Equal(new LimitOptions().BatchEvents, _options.Limits.BatchEvents);
    }
}
