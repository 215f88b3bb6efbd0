using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Spillway.Cli.Serve.Tls;

/// <summary>
/// Holds what handshakes use, looks at its files now and then, and takes changed ones over for new connections. What cannot be used, or has expired, changes nothing and is told once.
/// </summary>
/// <remarks>A certificate and its key are two files: a change counts when two looks find it the same, the second of them <see cref="Quiet"/> after the first.</remarks>
internal sealed partial class TlsWatch : IHostedService, IDisposable
{
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private readonly TlsOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Counter<long> _reloads;
    private readonly TimeSpan _quiet;
    private readonly Lock _looking = new();
    private readonly ITimer _timer;
    private volatile TlsIdentity _current;
    private IReadOnlyList<string> _exposed;
    private string _read; // What was last taken over, or refused.
    private string _seen;
    private bool _isRefused; // What was last read.
    private bool _isStopped;

    public TlsWatch(TlsOptions options, (TlsIdentity Identity, TlsFiles Files) first, TimeProvider clock, IMeterFactory meters, ILogger<TlsWatch> logger)
    {
        (_options, _clock, _logger, _current) = (options, clock, logger, first.Identity);
        (_read, _exposed) = (first.Files.Digest, first.Files.Exposed);
        _seen = _read;
        _quiet = Quiet < options.ReloadEvery ? Quiet : options.ReloadEvery;
        _timer = clock.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var meter = meters.Create("Spillway.Tls");
        _reloads = meter.CreateCounter<long>("spillway.tls.reloads", "{reload}", "Times that changed files of TLS were read, by result.");
        meter.CreateObservableGauge("spillway.tls.certificate_time_left", () => (_current.Expires - _clock.GetUtcNow()).TotalSeconds, "s", "Time until the certificate expires; negative behind that.");
    }

    /// <summary>What a handshake that begins now uses.</summary>
    public TlsIdentity Current => _current;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Tell();
        Again(_options.ReloadEvery);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        lock (_looking)
        {
            _isStopped = true;
            _timer.Dispose();
        }
    }

    private void Look()
    {
        lock (_looking)
        {
            var isReadable = TlsFiles.TryRead(_options, out var files, out var fault);
            var found = isReadable ? files!.Digest : fault;
            var isNew = found != _read;
            if (isNew ? found != _seen : !_isRefused)
            {
                _seen = found;
                Again(isNew ? _quiet : _options.ReloadEvery);
                return;
            }

            (_read, _isRefused) = (found, false);
            if (isReadable && TryCreate(files!, out var identity, ref fault))
            {
                (_current, _exposed) = (identity, files!.Exposed);
                _reloads.Add(1, new KeyValuePair<string, object?>("result", "applied"));
                Tell();
            }
            else
            {
                _isRefused = true; // Looked at again: the day may come from which on it is good.
                TellRefused(isNew, fault);
            }

            Again(_options.ReloadEvery);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a library finds in a file that somebody put there: on a timer it would end the process.")]
    private bool TryCreate(TlsFiles files, [NotNullWhen(true)] out TlsIdentity? identity, ref string fault)
    {
        try
        {
            return TlsIdentityReader.TryCreate(_options, files, _clock.GetUtcNow(), out identity, out fault);
        }
        catch (Exception e)
        {
            (identity, fault) = (null, $"{TlsOptions.Section}:Certificate is \"{_options.Certificate}\", which cannot be used: {e.Message}");
            return false;
        }
    }

    private void TellRefused(bool isNew, string fault)
    {
        if (isNew)
        {
            _reloads.Add(1, new KeyValuePair<string, object?>("result", "refused"));
            Log.Refused(_logger, fault);
        }
    }

    private void Tell()
    {
        Log.Used(_logger, _current.Certificate.Subject, _current.Certificate.NotAfter.ToUniversalTime());
        foreach (var file in _exposed)
        {
            Log.Exposed(_logger, file);
        }
    }

    private void Again(TimeSpan after)
    {
        if (!_isStopped)
        {
            _timer.Change(after, Timeout.InfiniteTimeSpan);
        }
    }
}
