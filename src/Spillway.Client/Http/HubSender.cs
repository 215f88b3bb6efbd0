using System.Net.Http.Headers;

namespace Spillway.Client.Http;

/// <summary>Sends a request with the credential of now.</summary>
internal static class HubSender
{
    /// <summary>Returns when the head of the answer has come.</summary>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpRequestMessage request, SpillwayClientOptions options, CancellationToken cancellationToken)
    {
        if (options.Credential is { } ask && await ask(cancellationToken).ConfigureAwait(false) is { Length: > 0 } credential)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
    }
}
