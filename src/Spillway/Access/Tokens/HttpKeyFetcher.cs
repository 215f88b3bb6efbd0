using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Spillway.Access.Tokens;

/// <summary>Asks an issuer for its keys over HTTP. It follows no redirect: whom to trust is configured, and not for another to say.</summary>
internal sealed class HttpKeyFetcher : IKeyFetcher
{
    private const int MostHeaderKilobytes = 16;

    private readonly Uri _address;
    private readonly int _mostBytes;
    private readonly HttpClient _client;

    public HttpKeyFetcher(Uri address, int mostBytes, TimeSpan timeout)
    {
        (_address, _mostBytes) = (address, mostBytes);
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None, // Nothing small becomes something large.
            ConnectTimeout = timeout,
            MaxConnectionsPerServer = 1,
            MaxResponseHeadersLength = MostHeaderKilobytes,
            UseCookies = false,
            UseProxy = !address.IsLoopback,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan, // Whoever asks cancels.
        };
        _client.DefaultRequestHeaders.Accept.ParseAdd("application/jwk-set+json, application/json");
    }

    public string Place => _address.GetLeftPart(UriPartial.Path); // A query may hold what nobody else should read.

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
            fault = "is an http URL of another machine: whoever is on the way could put keys of their own there; use https";
        }

        return fault.Length == 0;
    }

    public async Task<KeyFetch> FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(_address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return new KeyFetch(null, string.Create(CultureInfo.InvariantCulture, $"answers {(int)response.StatusCode}; only 200 counts, and no redirect is followed"));
            }

            await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await BoundedContent.ReadAsync(content, _mostBytes, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new KeyFetch(null, $"cannot be read: {e.Message}");
        }
    }

    public void Dispose() => _client.Dispose();
}
