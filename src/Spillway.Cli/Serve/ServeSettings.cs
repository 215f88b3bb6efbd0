using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Spillway.Cli.Serve.Tls;

namespace Spillway.Cli.Serve;

/// <summary>What a hub of this command is started with: checked, and complete.</summary>
/// <param name="Urls">Where it listens; of an open hub loopback addresses only.</param>
/// <param name="Configuration">The section <c>Spillway</c>: the library's options.</param>
internal sealed record ServeSettings(IReadOnlyList<Uri> Urls, IConfiguration Configuration)
{
    public const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>Whether everybody may do everything. Default: true.</summary>
    public bool IsOpen { get; init; } = true;

    /// <summary>TLS for the URLs that are https; without <see cref="TlsOptions.Certificate"/> there is none.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>Who is believed what requests it passes on.</summary>
    public ProxyOptions Proxies { get; init; } = new();

    /// <summary>Logs as JSON instead of a line of text. Default: false.</summary>
    public bool JsonLogs { get; init; }

    /// <summary>The least level that is logged. Default: information.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Whether there is <c>POST /debug/collect</c>. Default: false.</summary>
    public bool DebugEndpoints { get; init; }
}
