using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Spillway.EndToEnd.Tests;

/// <summary>Which sockets are below the hubs that tests start: Spillway's, or those that the environment says, <c>SPILLWAY_TEST_TRANSPORT=kestrel</c> or <c>managed</c>.</summary>
internal static class HostTransport
{
    private static readonly HostSockets Tested = Environment.GetEnvironmentVariable("SPILLWAY_TEST_TRANSPORT") switch
    {
        "kestrel" => HostSockets.Kestrel,
        "managed" => HostSockets.Managed,
        _ => HostSockets.Native,
    };

    public static IWebHostBuilder UseTestedTransport(this IWebHostBuilder builder, HostSockets? sockets = null) => (sockets ?? Tested) switch
    {
        HostSockets.Kestrel => builder,
        HostSockets.Native => builder.UseSpillwayTransport(),
        _ => builder.UseSpillwayTransport().ConfigureServices(static services => services.PostConfigure<SpillwayOptions>(static options =>
            options.Transports.Parking = options.Transports.Parking == ParkingMode.Auto ? ParkingMode.ManagedSocket : options.Transports.Parking)),
    };
}
