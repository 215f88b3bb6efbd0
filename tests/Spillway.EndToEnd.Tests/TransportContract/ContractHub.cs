using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.Events;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Starts the hubs of the contract; as a fixture, one that a class's tests share.</summary>
public sealed class ContractHub : SharedHubs
{
    /// <summary>Of the hub that is shared.</summary>
    internal static readonly TimeSpan KeepAlive = TimeSpan.FromMinutes(10);

    private static int _topics;

    /// <summary>A name that no other test uses.</summary>
    internal static string NewTopic() => string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _topics)}");

    /// <summary>A hub of a test's own.</summary>
    internal static Task<HubServer> StartAsync(TransportCase @case, Action<SpillwayOptions>? configure = null, Action<WebApplicationBuilder>? configureHost = null)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return HubServer.StartAsync(configure, configureHost: configureHost, sockets: @case.Sockets);
    }

    protected override void SetOptions(SpillwayOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Sse.KeepAlive = KeepAlive; // Nothing that a test waits for may come with it alone.
        options.Rules.Add(new TopicRule { BacklogBytes = 64 * 1024 * 1024 }); // No large event alone makes its subscriber slow.
    }
}
