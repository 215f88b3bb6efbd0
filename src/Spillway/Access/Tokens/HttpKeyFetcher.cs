namespace Spillway.Access.Tokens;

/// <summary>Asks an issuer for its keys over HTTP. It follows no redirect: whom to trust is configured, and not for another to say.</summary>
internal sealed class HttpKeyFetcher : IKeyFetcher
{
    private readonly Uri _address;
    private readonly int _mostBytes;
    private readonly HttpClient _client;

    public HttpKeyFetcher(Uri address, int mostBytes, TimeSpan timeout)
    {
        (_address, _mostBytes) = (address, mostBytes);
        _client = TrustedServer.Connect(address, timeout, connections: 1);
        _client.DefaultRequestHeaders.Accept.ParseAdd("application/jwk-set+json, application/json");
    }

    public string Place => _address.GetLeftPart(UriPartial.Path); // A query may hold what nobody else should read.

    public async Task<KeyFetch> FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(_address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return await TrustedServer.ReadAsync(response, _mostBytes, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new KeyFetch(null, $"cannot be read: {e.Message}");
        }
    }

    public void Dispose() => _client.Dispose();
}
