using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Spillway.Cli.Serve;

/// <summary>Has what trusted proxies say of a request (<c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c>) stand in place of the connection's own address and scheme.</summary>
internal static class TrustedProxies
{
    /// <summary>What ASP.NET Core's middleware is to believe; null: nobody. What is wrong is told in <paramref name="faults"/>.</summary>
    public static ForwardedHeadersOptions? Read(ProxyOptions options, List<string> faults)
    {
        if (options.Trusted.Count == 0)
        {
            return null;
        }

        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            ForwardLimit = null, // From the last to the first, as long as each is a trusted one.
        };
        forwarded.KnownProxies.Clear(); // By default this machine is trusted.
        forwarded.KnownIPNetworks.Clear();
        for (var i = 0; i < options.Trusted.Count; i++)
        {
            var text = options.Trusted[i];
            if (TryParse(text, out var network) && network.PrefixLength > 0)
            {
                forwarded.KnownIPNetworks.Add(network);
            }
            else
            {
                faults.Add($"{ProxyOptions.Section}:{nameof(ProxyOptions.Trusted)}:{i} is \"{text}\"; give it an address or a network of proxies like 10.0.0.7 or 10.0.0.0/24, and not everybody's.");
            }
        }

        return forwarded;
    }

    private static bool TryParse(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network))
        {
            return true;
        }

        if (!IPAddress.TryParse(text, out var address) || !address.ToString().Equals(text, StringComparison.OrdinalIgnoreCase)) // "10.1" would be 10.0.0.1.
        {
            return false;
        }

        network = new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        return true;
    }
}
