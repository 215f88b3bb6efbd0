using System.Security.Cryptography;
using System.Text;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Hubs that let in by API keys, over each kind of sockets; as a fixture.</summary>
public sealed class AccessHub : IAsyncLifetime
{
    /// <summary>May subscribe to <c>all/*/open</c>, <c>all/*/shared/**</c> and <c>exact</c>.</summary>
    public const string Wide = "spk_00000000000000000000000000000wide";

    /// <summary>May subscribe to <c>all/*/open</c>.</summary>
    public const string Narrow = "spk_000000000000000000000000000narrow";

    private readonly Dictionary<HostSockets, HubServer> _shared = [];

    internal HubServer For(TransportCase @case)
    {
        ArgumentNullException.ThrowIfNull(@case);
        return _shared[@case.Sockets];
    }

    public async ValueTask InitializeAsync()
    {
        foreach (var sockets in Enum.GetValues<HostSockets>())
        {
            _shared.Add(sockets, await HubServer.StartAsync(Configure, sockets: sockets));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hub in _shared.Values)
        {
            await hub.DisposeAsync();
        }
    }

    internal static void Configure(SpillwayOptions options)
    {
        options.Sse.KeepAlive = ContractHub.KeepAlive;
        options.Access.Mode = AccessMode.Tokens;
        options.Access.ApiKeys.Add(new ApiKeyOptions { Id = "wide", Sha256 = HashOf(Wide), Subscribe = { "all/*/open", "all/*/shared/**", "exact" } });
        options.Access.ApiKeys.Add(new ApiKeyOptions { Id = "narrow", Sha256 = HashOf(Narrow), Subscribe = { "all/*/open" } });
    }

    private static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
