using System.Diagnostics.CodeAnalysis;
using Spillway.Access;

namespace Spillway.Cli.Serve;

/// <summary>Addresses to listen on, as <c>--urls</c> names them.</summary>
internal static class ListenAddress
{
    /// <summary>Reads one; <paramref name="fault"/> is the rest of a sentence.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? url, out string fault)
    {
        fault = "";
        if (text.Contains("://*", StringComparison.Ordinal) || text.Contains("://+", StringComparison.Ordinal))
        {
            url = null;
            fault = "which means every address of this machine; name one, for example http://127.0.0.1:8080.";
            return false;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps) || url.Host.Length == 0)
        {
            fault = "which is not an http or https URL; give it one, for example http://127.0.0.1:8080.";
            return false;
        }

        if (url.PathAndQuery != "/" || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
        {
            fault = "which has more than a host and a port; leave the rest out.";
            return false;
        }

        if (url.Port == 0 && url.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            fault = "but localhost is two addresses, which cannot share a port that the system chooses; use http://127.0.0.1:0.";
            return false;
        }

        return true;
    }

    /// <summary>Whether only this machine can reach it.</summary>
    public static bool IsLoopback(Uri url) => LoopbackHost.TryParse(url.Host, out _);
}
