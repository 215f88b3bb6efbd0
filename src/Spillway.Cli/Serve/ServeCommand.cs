using System.CommandLine;
using Spillway.Cli.Arguments;

namespace Spillway.Cli.Serve;

/// <summary><c>spillway serve</c>.</summary>
internal sealed class ServeCommand
{
    private readonly Terminal _terminal;

    private readonly Option<string[]> _urls = Values.Texts(
        "--urls", "URL", $"Where to listen; repeatable, or divided by \";\". Port 0 lets the system choose. Default: {ServeSettings.DefaultUrl}.");

    private readonly Option<string?> _data = Values.Text(
        "--data", "DIR|memory", "Where history is kept: a directory, or memory, which is lost when the hub stops. Default: memory.");

    private readonly Option<TimeSpan?> _lockWait = Values.Duration(
        "--lock-wait", "How long to wait for another process to let the directory of --data go. Default: 0s, which gives up at once, naming the process.");

    private readonly Option<string?> _config = Values.Text(
        "--config", "FILE", "A JSON file with the section Spillway. Environment variables like SPILLWAY__Sse__KeepAlive=30s win over it, and options over both. Rules changed in it are taken over at once, or at SIGHUP. Default: none.");

    private readonly Option<string?> _access = Values.Choice(
        "--access", ["open", "tokens"], "Who may publish and subscribe: open, anyone on this machine; tokens, who presents a token or an API key (Spillway:Access in the file of --config says which). Default: open, on loopback addresses only.");

    private readonly Option<string?> _mercureKey = Values.Text(
        "--mercure-key", "KEY", "Adds a Mercure hub at /.well-known/mercure (and --access tokens): the secret of at least 32 bytes that its clients sign their tokens with, HS256. Every user of the machine can read it here: better the environment variables SPILLWAY__Access__Mode=tokens, SPILLWAY__Mercure__Enabled=true, SPILLWAY__Mercure__PublisherKey and SPILLWAY__Mercure__SubscriberKey, or the file of --config. Default: no such hub.");

    private readonly Option<string?> _mercurePublisherKey = Values.Text("--mercure-publisher-key", "KEY", "Another secret for those who publish there. Default: that of --mercure-key.");

    private readonly Option<string?> _tlsCertificate = Values.Text(
        "--tls-certificate", "FILE", "The certificate of https URLs, with those above it, in PEM or PKCS #12; a changed file is taken over for new connections. Default: none.");

    private readonly Option<string?> _tlsKey = Values.Text("--tls-key", "FILE", "Its private key, in PEM. Default: in the certificate's file.");

    private readonly Option<string?> _logFormat = Values.Choice("--log-format", ["text", "json"], "How log lines on the standard error look. Default: text.");

    private readonly Option<string?> _logLevel = Values.Choice(
        "--log-level", ["trace", "debug", "information", "warning", "error"], "The least important lines that are logged. Default: information.");

    private readonly Option<bool> _debugEndpoints = Values.Flag(
        "--debug-endpoints", "Adds POST /debug/collect, for this machine only, which stops the hub to collect garbage and tells its memory: for measurements. Default: off.");

    private ServeCommand(Terminal terminal) => _terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var self = new ServeCommand(terminal);
        var command = new Command("serve", "Runs a hub until SIGINT or SIGTERM, which end its streams properly. Prints \"listening on URL\" for each URL when it is ready.")
        {
            self._urls, self._data, self._lockWait, self._config, self._access, self._mercureKey, self._mercurePublisherKey, self._tlsCertificate, self._tlsKey, self._logFormat, self._logLevel, self._debugEndpoints,
        };
        command.SetAction(self.RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var (key, publisherKey) = (result.GetValue(_mercureKey), result.GetValue(_mercurePublisherKey));
        var source = new SettingsSource(_terminal.Environment, result.GetValue(_config), new Dictionary<string, string?>
        {
            [SettingsReader.UrlsKey] = result.GetValue(_urls) is { Length: > 0 } urls ? string.Join(';', urls) : null,
            [SettingsReader.DataKey] = result.GetValue(_data),
            [SettingsReader.LockWaitKey] = result.GetValue(_lockWait)?.ToString("c"),
            [SettingsReader.AccessKey] = result.GetValue(_access),
            [SettingsReader.MercureEnabledKey] = (key ?? publisherKey) is null ? null : "true",
            [SettingsReader.MercureSubscriberKeyKey] = key,
            [SettingsReader.MercurePublisherKeyKey] = publisherKey ?? key,
            [SettingsReader.TlsCertificateKey] = result.GetValue(_tlsCertificate),
            [SettingsReader.TlsKeyKey] = result.GetValue(_tlsKey),
            [SettingsReader.LogFormatKey] = result.GetValue(_logFormat),
            [SettingsReader.LogLevelKey] = result.GetValue(_logLevel),
            [SettingsReader.DebugEndpointsKey] = result.GetValue(_debugEndpoints) ? "true" : null,
        });
        var settings = source.Read();
        return ServeApp.RunAsync(() => ServeApp.Build(settings, source), _terminal, cancellationToken);
    }
}
