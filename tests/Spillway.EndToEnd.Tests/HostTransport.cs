using Microsoft.AspNetCore.Hosting;

namespace Spillway.EndToEnd.Tests;

/// <summary>Which sockets are below the hubs that tests start: Spillway's where there are such, or Kestrel's, where the environment says <c>SPILLWAY_TEST_TRANSPORT=kestrel</c>.</summary>
internal static class HostTransport
{
    public static bool IsOwn { get; } = OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("SPILLWAY_TEST_TRANSPORT") != "kestrel";

    public static IWebHostBuilder UseTestedTransport(this IWebHostBuilder builder, bool? own = null) => own ?? IsOwn ? builder.UseSpillwayTransport() : builder;
}
