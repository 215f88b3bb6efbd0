using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Spillway.Hub;
using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Native;

namespace Spillway;

/// <summary>Puts Spillway's sockets under a web server.</summary>
public static class SpillwayWebHostBuilderExtensions
{
    /// <summary>
    /// Has Kestrel listen and serve through Spillway's own sockets, which subscribers can leave it by (<see cref="TransportOptions.Parking"/>). They carry every endpoint at an IP address of this host; Unix
    /// domain sockets and the like stay with Kestrel's, as does everything on other systems than 64-bit Linux. Settings of <c>UseSockets</c> do not hold for them: see <see cref="SpillwayOptions.Transports"/>.
    /// </summary>
    public static IWebHostBuilder UseSpillwayTransport(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(static services =>
        {
            if (!NativeCalls.IsSupported || services.Any(static service => service.ServiceType == typeof(SocketTransport)))
            {
                return;
            }

            SpillwayConfiguration.AddOptions(services);
            services.TryAddSingleton(TimeProvider.System);
            services.AddMetrics();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectionListenerFactory, SocketTransportFactory>()); // For endpoints that are no IP address: Kestrel adds it only where there is none.
            services.AddSingleton<SocketCalls, NativeCalls>();
            services.AddSingleton<SocketMetrics>();
            services.AddSingleton<SocketTransport>();
            services.AddSingleton<IConnectionListenerFactory>(static provider => provider.GetRequiredService<SocketTransport>()); // Kestrel asks the last one first.
            services.AddSingleton<ParkedTransport>();
            services.Replace(ServiceDescriptor.Singleton<IConnectionHost>(static provider => provider.GetRequiredService<ParkedTransport>())); // AddSpillway's, whether it came before or comes behind.
        });
    }
}
