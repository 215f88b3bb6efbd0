using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Spillway.Access;

/// <summary>
/// Names of this machine that no name server has a say in. A page of another site can make a name of its own lead here (DNS rebinding), but the browser then says that name.
/// </summary>
internal static class LoopbackHost
{
    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    /// <summary>Reads <c>host</c> or <c>host:port</c>; false unless the host is plainly a loopback one. <paramref name="port"/> is null where none is given.</summary>
    public static bool TryParse(string authority, out int? port)
    {
        port = null;
        var end = authority.StartsWith('[') ? authority.IndexOf(']', StringComparison.Ordinal) + 1 : authority.IndexOf(':', StringComparison.Ordinal);
        if (end == 0 || authority.Length == 0)
        {
            return false;
        }

        var host = end < 0 ? authority.AsSpan() : authority.AsSpan(0, end);
        return IsLoopback(host) && (host.Length == authority.Length || TryParsePort(authority.AsSpan(host.Length), out port));
    }

    /// <summary>Whether an address is of this machine only; IPv4 in the clothes of IPv6 is seen through.</summary>
    public static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static bool IsLoopback(ReadOnlySpan<char> host)
    {
        if (host[0] == '[')
        {
            // A zone ("%1") is no part of a URL's host; it would hide in an address that parses.
            return !host.Contains('%') && IPAddress.TryParse(host[1..^1], out var address)
                && address.AddressFamily == AddressFamily.InterNetworkV6 && IsLoopback(address);
        }

        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IsBelowLocalhost(host) || IsIPv4Loopback(host);
    }

    // RFC 6761 section 6.3: names below "localhost" are loopback, too, and no name server answers for them.
    private static bool IsBelowLocalhost(ReadOnlySpan<char> host)
    {
        const string Suffix = ".localhost";
        if (!host.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        foreach (var label in host[..^Suffix.Length].Split('.'))
        {
            if (host[..^Suffix.Length][label] is not { Length: > 0 } text || text.ContainsAnyExcept(LabelCharacters))
            {
                return false;
            }
        }

        return true;
    }

    // Only the plain spelling: "127.1", "0x7f.0.0.1" and "0177.0.0.1" are read differently by different programs.
    private static bool IsIPv4Loopback(ReadOnlySpan<char> host)
    {
        var count = 0;
        foreach (var range in host.Split('.'))
        {
            var part = host[range];
            if (part.Length is 0 or > 3 || (part.Length > 1 && part[0] == '0')
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || (count == 0 && number != 127))
            {
                return false;
            }

            count++;
        }

        return count == 4;
    }

    private static bool TryParsePort(ReadOnlySpan<char> text, out int? port)
    {
        port = null;
        if (text[0] != ':' || text.Length > 6 || !ushort.TryParse(text[1..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
        {
            return false;
        }

        port = number;
        return true;
    }
}
