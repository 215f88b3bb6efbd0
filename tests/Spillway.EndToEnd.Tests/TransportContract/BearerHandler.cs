using System.Net.Http.Headers;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Presents a credential with every request, whichever transport makes it.</summary>
internal sealed class BearerHandler(string credential, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        return base.SendAsync(request, cancellationToken);
    }
}
