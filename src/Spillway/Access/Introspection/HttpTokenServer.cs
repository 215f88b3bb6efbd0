using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Spillway.Access.Tokens;

namespace Spillway.Access.Introspection;

/// <summary>Asks over HTTP as RFC 7662, section 2.1, has it.</summary>
internal sealed class HttpTokenServer : ITokenServer
{
    private readonly Uri _address;
    private readonly int _mostBytes;
    private readonly HttpClient _client;

    public HttpTokenServer(IntrospectionPlan plan)
    {
        var options = plan.Options;
        (_address, _mostBytes) = (plan.Address, options.AnswerBytes);
        _client = TrustedServer.Connect(plan.Address, options.Timeout, options.Concurrency);
        _client.DefaultRequestHeaders.Accept.ParseAdd("application/json");

        // RFC 6749, 2.3.1: each of the two is encoded as a form has it first, for either may have a colon.
        var name = $"{WebUtility.UrlEncode(options.ClientId)}:{WebUtility.UrlEncode(plan.Secret)}";
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(name)));
    }

    public string Place => _address.GetLeftPart(UriPartial.Path); // A query may hold what nobody else should read.

    public async Task<KeyFetch> AskAsync(string token, CancellationToken cancellationToken)
    {
        try
        {
            using var form = new FormUrlEncodedContent([new("token", token), new("token_type_hint", "access_token")]);
            using var request = new HttpRequestMessage(HttpMethod.Post, _address) { Content = form };
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return await TrustedServer.ReadAsync(response, _mostBytes, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new KeyFetch(null, $"cannot be reached: {e.Message}");
        }
    }

    public void Dispose() => _client.Dispose();
}
