using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Spillway.Cli.Arguments;
using Spillway.Cli.Serve.Tls;
using Spillway.Configuration;

namespace Spillway.Cli.Serve;

/// <summary>Puts option, environment and file together, in this order of precedence, and says everything that is wrong with them at once.</summary>
internal static class SettingsReader
{
    public const string UrlsKey = Own + "Urls";
    public const string AccessKey = "Spillway:Access:Mode"; // The library's: what serve alone does with it is where it listens.
    public const string MercureEnabledKey = Mercure + nameof(MercureOptions.Enabled);
    public const string MercurePublisherKeyKey = Mercure + nameof(MercureOptions.PublisherKey);
    public const string MercureSubscriberKeyKey = Mercure + nameof(MercureOptions.SubscriberKey);
    public const string LogFormatKey = Own + "LogFormat";
    public const string LogLevelKey = Own + "LogLevel";
    public const string DebugEndpointsKey = Own + "DebugEndpoints";
    public const string DataKey = "Spillway:History:Data";
    public const string LockWaitKey = "Spillway:History:LockWait";
    public const string TlsCertificateKey = $"{TlsOptions.Section}:{nameof(TlsOptions.Certificate)}";
    public const string TlsKeyKey = $"{TlsOptions.Section}:{nameof(TlsOptions.Key)}";

    private const string Own = "Spillway:Serve:";
    private const string Mercure = "Spillway:Mercure:";
    private const string EnvironmentPrefix = "SPILLWAY__";

    private static readonly string[] OwnKeys = [UrlsKey, LogFormatKey, LogLevelKey, DebugEndpointsKey];
    private static readonly string[] OwnSections = [UrlsKey + ":", TlsOptions.Section + ":", ProxyOptions.Section + ":"];

    /// <param name="environment">All environment variables; those that begin with <c>SPILLWAY__</c> count.</param>
    /// <param name="file">The file named by <c>--config</c>; null for none.</param>
    /// <param name="options">Values by key; null for options that were not given.</param>
    /// <exception cref="UsageException">Something is wrong; it says everything that is.</exception>
    public static ServeSettings Read(IReadOnlyDictionary<string, string> environment, string? file, IReadOnlyDictionary<string, string?> options)
    {
        var all = Merge(environment, file, options);
        var faults = new List<string>();
        var urls = ReadUrls(all, faults);
        var logFormat = ReadChoice(all, LogFormatKey, ["text", "json"], "text", faults);
        var logLevel = ReadChoice(all, LogLevelKey, ["trace", "debug", "information", "warning", "error"], "information", faults);
        var debugEndpoints = ReadChoice(all, DebugEndpointsKey, ["true", "false"], "false", faults);
        // What is the command's own is no option of the library, which refuses what it does not know.
        var library = all.Where(static pair => pair.Value is not null && !OwnKeys.Contains(pair.Key, StringComparer.OrdinalIgnoreCase) && !IsOwn(pair.Key));
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(library).Build();
        CheckSections(configuration, faults);
        var access = ReadMode(configuration);
        CheckAccess(access, urls, faults);
        var own = new ConfigurationBuilder().AddInMemoryCollection(all.Where(static pair => pair.Value is not null)).Build();
        var tls = Bind<TlsOptions>(own, TlsOptions.Section, faults);
        TlsSettings.Check(tls, urls, faults);
        var proxies = Bind<ProxyOptions>(own, ProxyOptions.Section, faults);
        CheckProxies(proxies, access, faults);
        faults.AddRange(SpillwayConfiguration.FindFaults(configuration));
        return faults.Count > 0
            ? throw new UsageException(faults)
            : new ServeSettings(urls, configuration)
            {
                IsOpen = access == AccessMode.Open,
                JsonLogs = logFormat == "json",
                LogLevel = Enum.Parse<LogLevel>(logLevel, ignoreCase: true),
                DebugEndpoints = debugEndpoints == "true",
                Tls = tls,
                Proxies = proxies,
            };
    }

    private static Dictionary<string, string?> Merge(IReadOnlyDictionary<string, string> environment, string? file, IReadOnlyDictionary<string, string?> options)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in file is null ? [] : ReadFile(file))
        {
            all[key] = value;
        }

        foreach (var (name, value) in environment)
        {
            if (name.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
            {
                all["Spillway:" + name[EnvironmentPrefix.Length..].Replace("__", ":", StringComparison.Ordinal)] = value;
            }
        }

        foreach (var (key, value) in options)
        {
            all[key] = value ?? all.GetValueOrDefault(key);
        }

        // Who gives a key on the command line wants a Mercure hub, which needs it so; what was said stands.
        if (options.GetValueOrDefault(MercureEnabledKey) is not null)
        {
            all[AccessKey] = all.GetValueOrDefault(AccessKey) ?? "tokens";
        }

        return all;
    }

    private static IEnumerable<KeyValuePair<string, string?>> ReadFile(string file)
    {
        if (!File.Exists(file))
        {
            throw new UsageException($"--config is \"{file}\", which is no file; name one, or leave the option out.");
        }

        try
        {
            return new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(file)).Build().AsEnumerable();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--config is \"{file}\", which cannot be read: {e.Message}");
        }
        catch (InvalidDataException e)
        {
            // The reader's own exception says where the JSON is wrong.
            var cause = e.InnerException is { InnerException: JsonException json } ? json.Message : e.InnerException?.Message ?? e.Message;
            throw new UsageException($"--config is \"{file}\", which is not the JSON of a configuration: {cause}");
        }
    }

    private static Uri[] ReadUrls(Dictionary<string, string?> all, List<string> faults)
    {
        // A list in JSON, or one text; the text wins, for only the text can come from an option or the environment.
        var listed = all.Where(static pair => IsOwnList(pair.Key)).OrderBy(static pair => pair.Key, ConfigurationKeyComparer.Instance).Select(static pair => pair.Value ?? "");
        var texts = all.GetValueOrDefault(UrlsKey)?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [.. listed];
        var urls = new List<Uri>();
        foreach (var text in texts is [] ? [ServeSettings.DefaultUrl] : texts)
        {
            if (ListenAddress.TryParse(text, out var url, out var fault))
            {
                urls.Add(url);
            }
            else
            {
                faults.Add($"--urls ({UrlsKey}) is \"{text}\", {fault}");
            }
        }

        return [.. urls];
    }

    private static string ReadChoice(Dictionary<string, string?> all, string key, string[] choices, string fallback, List<string> faults)
    {
        var text = all.GetValueOrDefault(key);
        if (string.IsNullOrEmpty(text))
        {
            return fallback;
        }

        if (choices.FirstOrDefault(choice => choice.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } choice)
        {
            return choice;
        }

        faults.Add($"{key} is \"{text}\"; give it {Values.OneOf(choices)}.");
        return fallback;
    }

    private static AccessMode ReadMode(IConfiguration configuration)
    {
        var options = new SpillwayOptions();
        SpillwayConfiguration.Bind(configuration, options, []); // Its faults are looked for with all others.
        return options.Access.Mode;
    }

    private static void CheckAccess(AccessMode access, Uri[] urls, List<string> faults)
    {
        foreach (var url in urls.Where(url => access == AccessMode.Open && !ListenAddress.IsLoopback(url)))
        {
            faults.Add($"--urls is \"{url.OriginalString}\", which other machines can reach, but --access is open: anyone there could publish and subscribe. "
                + "Listen on a loopback address like http://127.0.0.1:8080, or say with --access tokens who may.");
        }
    }

    private static void CheckProxies(ProxyOptions proxies, AccessMode access, List<string> faults)
    {
        TrustedProxies.Read(proxies, faults);
        if (proxies.Trusted.Count > 0 && access == AccessMode.Open)
        {
            faults.Add($"{ProxyOptions.Section}:{nameof(proxies.Trusted)} is set, but --access is open: such a hub answers no proxy. Say with --access tokens who may do what, or leave it out.");
        }
    }

    private static void CheckSections(IConfigurationRoot configuration, List<string> faults)
    {
        foreach (var section in configuration.GetChildren().Where(static section => !section.Key.Equals(SpillwayOptions.Section, StringComparison.OrdinalIgnoreCase)))
        {
            faults.Add($"{section.Path} is no section; all options are in Spillway, certificates in {TlsOptions.Section}.");
        }
    }

    /// <summary>Options of the command's own, in a section that the library does not know.</summary>
    private static T Bind<T>(IConfigurationRoot all, string section, List<string> faults)
        where T : new()
    {
        var (options, found) = (new T(), new List<string>());
        new OptionBinder(found).Bind(all.GetSection(section), options);
        SpillwayOptionsValidator.CheckBounds(options, section, found);
        faults.AddRange(found);
        return options;
    }

    private static bool IsOwnList(string key) => key.StartsWith(UrlsKey + ":", StringComparison.OrdinalIgnoreCase);

    private static bool IsOwn(string key) => OwnSections.Any(section => key.StartsWith(section, StringComparison.OrdinalIgnoreCase));
}
