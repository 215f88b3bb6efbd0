using System.Security.Cryptography;
using System.Text;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Hubs that let in by API keys, over each kind of sockets; as a fixture.</summary>
public sealed class AccessHub : SharedHubs
{
    /// <summary>May subscribe to <c>all/*/open</c>, <c>all/*/shared/**</c> and <c>exact</c>.</summary>
    public const string Wide = "spk_00000000000000000000000000000wide";

    /// <summary>May subscribe to <c>all/*/open</c>.</summary>
    public const string Narrow = "spk_000000000000000000000000000narrow";

    /// <summary>May see what operators see.</summary>
    public const string Operator = "spk_0000000000000000000000000operator";

    internal static void Configure(SpillwayOptions options)
    {
        options.Sse.KeepAlive = ContractHub.KeepAlive;
        options.Access.Mode = AccessMode.Tokens;
        options.Access.ApiKeys.Add(new ApiKeyOptions { Id = "wide", Sha256 = HashOf(Wide), Subscribe = { "all/*/open", "all/*/shared/**", "exact" } });
        options.Access.ApiKeys.Add(new ApiKeyOptions { Id = "narrow", Sha256 = HashOf(Narrow), Subscribe = { "all/*/open" } });
        options.Access.ApiKeys.Add(new ApiKeyOptions { Id = "operator", Sha256 = HashOf(Operator), Admin = true });
    }

    protected override void SetOptions(SpillwayOptions options) => Configure(options);

    private static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
