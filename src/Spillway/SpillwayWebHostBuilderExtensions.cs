using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Spillway.Hub;
using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Managed;
using Spillway.Transports.Parked.Native;

namespace Spillway;

/// <summary>Puts Spillway's sockets under a web server.</summary>
public static class SpillwayWebHostBuilderExtensions
{
    /// <summary>
    /// Has Kestrel listen and serve through Spillway's own sockets, which subscribers can leave it by (<see cref="TransportOptions.Parking"/>). They carry every endpoint at an IP address of this host; Unix
    /// domain sockets and the like stay with Kestrel's. On other systems than 64-bit Linux they are .NET's sockets (<see cref="ParkingMode.ManagedSocket"/>). Settings of <c>UseSockets</c> do not hold for them: see <see cref="SpillwayOptions.Transports"/>.
    /// </summary>
    public static IWebHostBuilder UseSpillwayTransport(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices(static services =>
        {
            if (services.Any(static service => service.ServiceType == typeof(SocketTransport)))
            {
                return;
            }

            SpillwayConfiguration.AddOptions(services);
            services.TryAddSingleton(TimeProvider.System);
            services.AddMetrics();
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectionListenerFactory, SocketTransportFactory>()); // For endpoints that are no IP address: Kestrel adds it only where there is none.
            services.AddSingleton(static provider => CreateCalls(provider.GetRequiredService<IOptions<SpillwayOptions>>().Value.Transports.Parking));
            services.AddSingleton<SocketMetrics>();
            services.AddSingleton<SocketTransport>();
            services.AddSingleton<IConnectionListenerFactory>(static provider => provider.GetRequiredService<SocketTransport>()); // Kestrel asks the last one first.
            services.AddSingleton<ParkedTransport>();
            services.Replace(ServiceDescriptor.Singleton<IConnectionHost>(static provider => provider.GetRequiredService<ParkedTransport>())); // AddSpillway's, whether it came before or comes behind.
        });
    }

    private static SocketCalls CreateCalls(ParkingMode mode) => NativeCalls.IsSupported && mode != ParkingMode.ManagedSocket ? new NativeCalls() : new ManagedCalls();
}
