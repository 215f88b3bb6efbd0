using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Operations;

/// <summary><c>GET /admin/status</c>.</summary>
internal static class StatusEndpoint
{
    /// <summary>The product's version, without the commit that a build may add behind a plus sign.</summary>
    public static string Version { get; } =
        typeof(StatusEndpoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static Task HandleAsync(HttpContext context) => JsonAnswer.WriteAsync(context, context.RequestServices, WriteMembers);

    private static void WriteMembers(Utf8JsonWriter json, IServiceProvider services)
    {
        var hub = services.GetRequiredService<IHubStatus>();
        var history = services.GetRequiredService<IBackplane>().History;
        var uptime = services.GetRequiredService<TimeProvider>().GetUtcNow() - hub.StartedAt;
        var (events, bytes) = history.Size;

        json.WriteString("version"u8, Version);
        json.WriteNumber("uptimeSeconds"u8, (long)uptime.TotalSeconds);
        json.WriteString("cursor"u8, new Position(history.Epoch, history.Head).ToString());
        json.WriteString("oldest"u8, new Position(history.Epoch, history.Tail).ToString());
        json.WriteNumber("connections"u8, hub.Connections);
        json.WriteNumber("topics"u8, history.TopicCount);
        json.WriteNumber("events"u8, events);
        json.WriteNumber("bytes"u8, bytes);
        json.WriteString("history"u8, services.GetRequiredService<IOptions<SpillwayOptions>>().Value.History.Data);
    }
}
