using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Spillway.Hub;

/// <summary>
/// Takes changed options over while the hub runs: the rules, and what other parts of it take (<see cref="IReloadable"/>), all of them at once. A configuration with any fault changes nothing; options that nobody takes
/// wait for a restart, and that is told.
/// </summary>
internal sealed partial class OptionReloader : IHostedService, IDisposable
{
    /// <summary>A change is read when nothing has changed for so long: files are written in parts, and one change is often told several times.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2); // Where changes do not end.

    private readonly Dispatcher _dispatcher;
    private readonly IReloadable[] _parts;
    private readonly SpillwayOptions _started;
    private readonly IConfiguration _configuration;
    private readonly IEnumerable<IOptionsChangeTokenSource<SpillwayOptions>> _sources;
    private readonly IOptionsFactory<SpillwayOptions> _factory;
    private readonly HubMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly List<IDisposable> _registrations = [];
    private readonly ITimer _timer;
    private readonly Lock _asking = new();
    private readonly Lock _reading = new();
    private readonly HashSet<string> _told = []; // Keys that need a restart.
    private SpillwayOptions _applied;
    private bool _hasSection;
    private long? _askedAt; // The first of the changes that are not read yet.

    public OptionReloader(
        PushHub hub, IEnumerable<IReloadable> parts, IOptions<SpillwayOptions> options, IConfiguration configuration, IEnumerable<IOptionsChangeTokenSource<SpillwayOptions>> sources,
        IOptionsFactory<SpillwayOptions> factory, HubMetrics metrics, TimeProvider clock, ILogger<OptionReloader> logger)
    {
        (_dispatcher, _configuration, _sources, _factory, _metrics, _clock, _logger) = (hub.Dispatcher, configuration, sources, factory, metrics, clock, logger);
        _parts = [.. parts];
        _started = _applied = options.Value;
        _timer = clock.CreateTimer(_ => ReadAgain(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _hasSection = HasSection;
        _registrations.Add(ChangeToken.OnChange(_configuration.GetReloadToken, Ask));
        foreach (var source in _sources.Where(static source => (source.Name ?? Options.DefaultName) == Options.DefaultName))
        {
            _registrations.Add(ChangeToken.OnChange(source.GetChangeToken, Ask));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _registrations.ForEach(static registration => registration.Dispose());
        _registrations.Clear();
        return _timer.DisposeAsync().AsTask(); // A call under way is waited for: the hub goes next.
    }

    public void Dispose()
    {
        _registrations.ForEach(static registration => registration.Dispose());
        _timer.Dispose();
    }

    /// <summary>Tells that a configuration cannot even be read, and changes nothing.</summary>
    public void Refuse(IEnumerable<string> faults)
    {
        _metrics.OptionsRead("refused");
        Log.Refused(_logger, string.Join(" ", faults));
    }

    /// <summary>Tells which of some keys need a restart, once each until they are as they were.</summary>
    /// <param name="changed">Those that differ now from what the process was started with.</param>
    /// <param name="told">What this told before, to the same caller.</param>
    public void TellRestart(IReadOnlyCollection<string> changed, HashSet<string> told)
    {
        told.IntersectWith(changed);
        var fresh = changed.Where(told.Add).ToArray();
        if (fresh.Length > 0)
        {
            Log.NeedsRestart(_logger, string.Join(", ", fresh));
        }
    }

    private bool HasSection => _configuration.GetSection(SpillwayOptions.Section).Exists();

    private void Ask()
    {
        lock (_asking)
        {
            var now = _clock.GetTimestamp();
            _askedAt ??= now;
            var left = LongestWait - _clock.GetElapsedTime(_askedAt.Value, now);
            _timer.Change(left < Quiet ? (left > TimeSpan.Zero ? left : TimeSpan.Zero) : Quiet, Timeout.InfiniteTimeSpan);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever the host's own code does to options: it costs the change, not the hub.")]
    private void ReadAgain()
    {
        lock (_asking)
        {
            _askedAt = null;
        }

        lock (_reading)
        {
            try
            {
                if (_hasSection && !HasSection)
                {
                    // Files that are gone or broken look so, too.
                    Refuse([$"There is no section {SpillwayOptions.Section} in it any more; write one, if only with the rule \"**\"."]);
                    return;
                }

                Apply(_factory.Create(Options.DefaultName));
            }
            catch (OptionsValidationException fault)
            {
                Refuse(fault.Failures);
            }
            catch (Exception fault)
            {
                Refuse([fault.Message]);
            }
        }
    }

    private void Apply(SpillwayOptions options)
    {
        TellRestart(SpillwayConfiguration.FindChanges(_started, options), _told);
        _hasSection |= HasSection;
        var prepared = new List<PreparedChange>();
        try
        {
            foreach (var part in _parts)
            {
                if (part.Prepare(options) is { } change)
                {
                    prepared.Add(change);
                }
            }

            // What can be refused comes first, so that all is taken over or nothing.
            var rules = !SpillwayConfiguration.HaveSameRules(_applied, options);
            if (rules && !_dispatcher.TryChangeRules(options.Rules, out var fault))
            {
                Refuse([fault]);
                return;
            }

            _applied = options;
            _metrics.OptionsRead(rules || prepared.Count > 0 ? "applied" : "unchanged");
            Tell(rules, prepared.Count);
            while (prepared.Count > 0)
            {
                var change = prepared[0];
                prepared.RemoveAt(0);
                change.Apply();
            }
        }
        finally
        {
            prepared.ForEach(static change => change.Drop());
        }
    }

    private void Tell(bool rules, int changes)
    {
        if (rules)
        {
            Log.Applied(_logger, _applied.Rules.Count);
        }
        else if (changes == 0)
        {
            Log.Unchanged(_logger);
        }
    }
}
