using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Spillway.Cli.Serve.Tls;
using Spillway.Configuration;
using Spillway.Hub;

namespace Spillway.Cli.Serve;

/// <summary>Reads the settings of a running hub again when their file has changed, or at SIGHUP. The hub takes changed rules over; all else is told.</summary>
/// <remarks>
/// It looks at the file every second instead of being told: that needs no descriptor and no limit of the system, and sees a file that a link leads to, as Kubernetes changes it.
/// A file counts as changed when two looks in a row find it the same.
/// </remarks>
internal sealed class SettingsWatch(SettingsSource source, ServeSettings started, HeldConfiguration held, OptionReloader reloader, TimeProvider clock) : IHostedService, IDisposable
{
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Lock _reading = new();
    private readonly HashSet<string> _told = [];
    private (DateTime Changed, long Length)? _read = StampOf(source.File);
    private (DateTime Changed, long Length)? _seen = StampOf(source.File);
    private PosixSignalRegistration? _signal;
    private ITimer? _timer;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsWindows())
        {
            _signal = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        }

        if (source.File is not null)
        {
            _timer = clock.CreateTimer(_ => Look(), null, Every, Every);
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _signal?.Dispose();
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }
    }

    public void Dispose()
    {
        _signal?.Dispose();
        _timer?.Dispose();
    }

    /// <summary>Reads again, whether the file has changed or not.</summary>
    public void ReadAgain()
    {
        lock (_reading)
        {
            _read = _seen = StampOf(source.File);
            try
            {
                var settings = source.Read();
                reloader.TellRestart(ChangesOf(settings), _told);
                held.Replace(settings.Configuration);
            }
            catch (UsageException fault)
            {
                reloader.Refuse(fault.Faults);
            }
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true; // Its default is to end the process.
        ReadAgain();
    }

    private void Look()
    {
        var stamp = StampOf(source.File);
        if (stamp != _read && stamp == _seen)
        {
            ReadAgain();
        }

        _seen = stamp;
    }

    /// <summary>What is not the library's: it looks after its own options.</summary>
    private List<string> ChangesOf(ServeSettings settings)
    {
        var changes = new List<string>();
        Add(SettingsReader.UrlsKey, settings.Urls.SequenceEqual(started.Urls));
        Add(SettingsReader.LogFormatKey, settings.JsonLogs == started.JsonLogs);
        Add(SettingsReader.LogLevelKey, settings.LogLevel == started.LogLevel);
        Add(SettingsReader.DebugEndpointsKey, settings.DebugEndpoints == started.DebugEndpoints);
        changes.AddRange(OptionDifferences.Find(started.Tls, settings.Tls, TlsOptions.Section));
        changes.AddRange(OptionDifferences.Find(started.Proxies, settings.Proxies, ProxyOptions.Section));
        return changes;

        void Add(string key, bool same)
        {
            if (!same)
            {
                changes.Add(key);
            }
        }
    }

    private static (DateTime Changed, long Length)? StampOf(string? file)
    {
        try
        {
            if (file is not null)
            {
                using var handle = File.OpenHandle(file); // Behind links, whichever.
                return (File.GetLastWriteTimeUtc(handle), RandomAccess.GetLength(handle));
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
        }

        return null;
    }
}
