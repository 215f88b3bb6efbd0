using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Spillway.Cli.Serve;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Cli;

public sealed class SettingsWatchTests : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("spillway-test-");
    private readonly ManualTimeProvider _clock = new();
    private readonly LogCollector _logs = new();
    private readonly MetricCollector _metrics = new();
    private readonly HubHarness _hub = new(new SpillwayOptions());
    private readonly string _file;
    private OptionReloader? _reloader;
    private SettingsWatch? _watch;

    public SettingsWatchTests() => _file = Path.Combine(_directory.FullName, "hub.json");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _watch?.Dispose();
        _reloader?.Dispose();
        await _hub.DisposeAsync();
        _metrics.Dispose();
        _directory.Delete(recursive: true);
        Assert.Empty(_logs.Errors);
        _logs.Dispose();
    }

    [Fact]
    public async Task Look_FileHasBeenTheSameForTwoLooks_IsTakenOver()
    {
        Write(_file, "a");
        await StartAsync();

        Write(_file, "changed");
        _clock.Advance(SettingsWatch.Every);
        Assert.Equal("**", PatternOf("changed"));
        _clock.Advance(SettingsWatch.Every + OptionReloader.Quiet);

        Assert.Equal("changed", PatternOf("changed"));
    }

    [Fact]
    public async Task Look_LinkLeadsToAnotherFile_IsTakenOver()
    {
        var (first, second) = (_directory.CreateSubdirectory("1").FullName, _directory.CreateSubdirectory("2").FullName);
        Write(Path.Combine(first, "hub.json"), "a");
        Write(Path.Combine(second, "hub.json"), "changed");
        var link = Path.Combine(_directory.FullName, "current");
        Directory.CreateSymbolicLink(link, first);
        File.CreateSymbolicLink(_file, Path.Combine(link, "hub.json")); // As Kubernetes does it.
        await StartAsync();

        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, second);
        Wait();

        Assert.Equal("changed", PatternOf("changed"));
    }

    [Fact]
    public async Task Look_FileIsGoneAndComesBack_KeepsTheRulesAndTellsItOnce()
    {
        Write(_file, "a");
        await StartAsync();

        File.Delete(_file);
        Wait();
        Wait();
        var errors = _logs.TakeErrors();
        var meanwhile = PatternOf("a");
        Write(_file, "changed");
        Wait();

        Assert.Contains("which is no file", Assert.Single(errors), StringComparison.Ordinal);
        Assert.Equal("a", meanwhile);
        Assert.Equal("changed", PatternOf("changed"));
    }

    [Fact]
    public async Task ReadAgain_ServesOwnKeysHaveChanged_AreToldOnce()
    {
        Write(_file, "a");
        await StartAsync();

        await File.WriteAllTextAsync(_file, """{ "Spillway": { "Rules": [ { "Pattern": "a" } ], "Serve": { "Urls": "http://127.0.0.1:5", "LogLevel": "error", "DebugEndpoints": true }, "Tls": { "Hsts": "1h" }, "Access": { "Mode": "tokens", "Anonymous": { "Subscribe": [ "a" ] } }, "Proxies": { "Trusted": [ "10.0.0.1" ] } } }""", Token);
        _watch!.ReadAgain();
        _watch.ReadAgain();

        Assert.Contains("Spillway:Serve:Urls, Spillway:Serve:LogLevel, Spillway:Serve:DebugEndpoints, Spillway:Tls:Hsts, Spillway:Proxies:Trusted", Assert.Single(_logs.Lines, static line => line.Id == 3005).Text, StringComparison.Ordinal);
    }

    private async Task StartAsync()
    {
        var source = new SettingsSource(new Dictionary<string, string>(), _file, new Dictionary<string, string?>());
        var settings = source.Read();
        var held = new HeldConfiguration(settings.Configuration);
        var services = new ServiceCollection().AddSingleton<Microsoft.Extensions.Configuration.IConfiguration>(new Microsoft.Extensions.Configuration.ConfigurationRoot([held]));
        SpillwayConfiguration.AddOptions(services);
        var provider = services.BuildServiceProvider();
        _reloader = new OptionReloader(
            _hub.Hub, [], provider.GetRequiredService<IOptions<SpillwayOptions>>(), provider.GetRequiredService<Microsoft.Extensions.Configuration.IConfiguration>(), [],
            provider.GetRequiredService<IOptionsFactory<SpillwayOptions>>(), new HubMetrics(_metrics), _clock, _logs.For<OptionReloader>());
        await _reloader.StartAsync(Token);
        _watch = new SettingsWatch(source, settings, held, _reloader, _clock);
        await _watch.StartAsync(Token);
        Assert.True(_hub.Hub.Dispatcher.TryChangeRules([new TopicRule { Pattern = "a" }], out _)); // As the hub would have begun.
    }

    private string PatternOf(string topic) => _hub.Rules.Current.For(topic).Pattern;

    private void Wait() => _clock.Advance((2 * SettingsWatch.Every) + OptionReloader.Quiet);

    private static void Write(string file, string pattern) => File.WriteAllText(file, $$"""{ "Spillway": { "Rules": [ { "Pattern": "{{pattern}}" } ] } }""");
}
