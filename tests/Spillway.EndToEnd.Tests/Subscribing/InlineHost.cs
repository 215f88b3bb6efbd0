using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Spillway.Transports.WebSocket;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>A host like <c>serve</c>: what the hub writes to a WebSocket over plain HTTP/1.1 goes to its socket, past Kestrel.</summary>
internal static class InlineHost
{
    public static void Configure(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new HostTraits(WritesInline: true));
        builder.WebHost.UseSockets(static sockets => sockets.UnsafePreferInlineScheduling = true);
    }
}
