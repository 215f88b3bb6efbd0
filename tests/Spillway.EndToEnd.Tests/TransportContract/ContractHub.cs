using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.Events;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Starts the hubs of the contract; as a fixture, one that a class's tests share.</summary>
public sealed class ContractHub : IAsyncLifetime
{
    /// <summary>Of the hub that is shared.</summary>
    internal static readonly TimeSpan KeepAlive = TimeSpan.FromMinutes(10);

    private static int _topics;

    private HubServer? _shared; // Over Kestrel's sockets, and over our own.
    private HubServer? _own;

    /// <summary>A name that no other test uses.</summary>
    internal static string NewTopic() => string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _topics)}");

    /// <summary>A hub of a test's own.</summary>
    internal static Task<HubServer> StartAsync(TransportCase @case, Action<SpillwayOptions>? configure = null, Action<WebApplicationBuilder>? configureHost = null)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return HubServer.StartAsync(configure, configureHost: configureHost, ownSockets: @case.OwnSockets);
    }

    /// <summary>The hub that the class shares.</summary>
    internal HubServer For(TransportCase @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return (@case.OwnSockets ? _own : _shared)!;
    }

    public async ValueTask InitializeAsync()
    {
        _shared = await HubServer.StartAsync(Configure, ownSockets: false);
        _own = await HubServer.StartAsync(Configure, ownSockets: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _shared!.DisposeAsync();
        await _own!.DisposeAsync();
    }

    private static void Configure(SpillwayOptions options)
    {
        options.Sse.KeepAlive = KeepAlive; // Nothing that a test waits for may come with it alone.
        options.Rules.Add(new TopicRule { BacklogBytes = 64 * 1024 * 1024 }); // No large event alone makes its subscriber slow.
    }
}
