using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Spillway.Transports.Hosted;

/// <summary>
/// Warns, once, a host whose Kestrel demands a least rate of bytes: over HTTP/2 it cuts slow subscribers, and there the rate cannot be set for one stream as over HTTP/1.1.
/// </summary>
internal sealed partial class ResponseRateWarning(IServiceProvider services, IOptions<KestrelServerOptions> kestrel, ILogger<ResponseRateWarning> logger)
{
    private int _told;

    /// <summary>The server listens: with TLS it may speak HTTP/2.</summary>
    public void AtStart()
    {
        if (services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses.Any(static address => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase)) == true)
        {
            Tell();
        }
    }

    /// <summary>A stream over HTTP/2 begins; in plain text nothing tells before.</summary>
    public void AtStream() => Tell();

    private void Tell()
    {
        if (kestrel.Value.Limits.MinResponseDataRate is { } rate && IsKestrel() && Interlocked.Exchange(ref _told, 1) == 0)
        {
            Log.CutsSlowSubscribers(logger, rate.BytesPerSecond, rate.GracePeriod);
        }
    }

    private bool IsKestrel() => services.GetService<IServer>()?.GetType().Assembly == typeof(KestrelServerOptions).Assembly;
}
