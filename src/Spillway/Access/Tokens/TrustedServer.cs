using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Spillway.Access.Tokens;

/// <summary>How the hub talks to a server on whose word access depends: without redirects, which would be another one's word, and with a bound on everything.</summary>
internal static class TrustedServer
{
    private const int MostHeaderKilobytes = 16;

    /// <summary>Whether a text is an address to ask at: https, or http of this machine, without a user's name. A fault is the end of a sentence that begins with the text.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? address, out string fault)
    {
        fault = "";
        if (!Uri.TryCreate(text, UriKind.Absolute, out address) || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp) || address.UserInfo.Length > 0)
        {
            fault = "is no https URL without a user's name";
        }
        else if (address.Scheme == Uri.UriSchemeHttp && !LoopbackHost.TryParse(address.Authority, out _))
        {
            fault = "is an http URL of another machine: whoever is on the way could answer in its place; use https";
        }

        return fault.Length == 0;
    }

    /// <summary>Makes connections to it. Whoever asks cancels: there is no other limit of time, but for connecting.</summary>
    public static HttpClient Connect(Uri address, TimeSpan timeout, int connections) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None, // Nothing small becomes something large.
        ConnectTimeout = timeout,
        MaxConnectionsPerServer = connections,
        MaxResponseHeadersLength = MostHeaderKilobytes,
        UseCookies = false,
        UseProxy = !address.IsLoopback,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Reads an answer, if it is one.</summary>
    public static async Task<KeyFetch> ReadAsync(HttpResponseMessage response, int mostBytes, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new KeyFetch(null, string.Create(CultureInfo.InvariantCulture, $"answers {(int)response.StatusCode}; only 200 counts, and no redirect is followed"));
        }

        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await BoundedContent.ReadAsync(content, mostBytes, cancellationToken);
    }
}
