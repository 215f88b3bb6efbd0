using System.Net;

namespace Spillway.Access.Tokens;

/// <summary>An address or a network, in one spelling: what different programs read differently binds to nobody knows what.</summary>
internal static class AddressText
{
    /// <summary>Reads <c>192.0.2.7</c>, a network of one, or <c>192.0.2.0/24</c>, without a bit behind its length.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? text : text[..slash];

        // .NET takes "127.1" and "0177.0.0.1", and cuts bits off that are behind the length.
        if (!IPAddress.TryParse(name, out var address) || !string.Equals(name, address.ToString(), StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        if (slash >= 0)
        {
            return IPNetwork.TryParse(text, out network) && network.BaseAddress.Equals(address);
        }

        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }
}
