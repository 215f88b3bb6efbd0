using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Access;

/// <summary>Client certificates over real TLS, with Kestrel's sockets and with Spillway's.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Publish_ByCertificate_TakesWhatItGrantsAndNoOther(bool ownSockets)
    {
        var pinned = _certificates.SelfMade("CN=pinned");
        await using var hub = await StartAsync(ownSockets, pinned);
        var url = hub.Urls.First().Replace("[::]", "localhost", StringComparison.Ordinal) + "/topics/";

        Assert.Equal(HttpStatusCode.OK, await PublishAsync(url + "jobs/1", _certificates.Client("O=Example, CN=press 7")));
        Assert.Equal(HttpStatusCode.Forbidden, await PublishAsync(url + "other", _certificates.Client("O=Example, CN=press 7")));
        Assert.Equal(HttpStatusCode.OK, await PublishAsync(url + "other", pinned));
        Assert.Equal(HttpStatusCode.Unauthorized, await PublishAsync(url + "open", _certificates.Client("O=Example, CN=press 8")));
        Assert.Equal(HttpStatusCode.OK, await PublishAsync(url + "open", null));
        Assert.Equal(HttpStatusCode.Forbidden, await PublishAsync(url + "jobs/1", null));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => PublishAsync(url + "jobs/1", _certificates.SelfMade("O=Example, CN=press 7"))); // TLS knows nobody who vouches for it.
    }

    private async Task<WebApplication> StartAsync(bool ownSockets, X509Certificate2 pinned)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(_certificates.Server(), https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => _certificates.IsTrusted(certificate) || certificate.RawDataMemory.Span.SequenceEqual(pinned.RawDataMemory.Span);
        })));
        if (ownSockets)
        {
            builder.WebHost.UseSpillwayTransport();
        }

        builder.Services.AddSpillway(options =>
        {
            options.Access.Mode = AccessMode.Tokens;
            options.Access.Anonymous.Publish.Add("open");
            options.Access.ClientCertificates.Add(new ClientCertificateOptions { Id = "press", Subject = "CN=press 7,O=Example", Publish = { "jobs/*" } });
            options.Access.ClientCertificates.Add(new ClientCertificateOptions { Id = "pinned", Sha256 = TestCertificates.HashOf(pinned), Publish = { "**" } });
        });
        var hub = builder.Build();
        hub.MapSpillway();
        await hub.StartAsync(Stop);
        return hub;
    }

    private async Task<HttpStatusCode> PublishAsync(string address, X509Certificate2? certificate)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, server, _, _) => server is X509Certificate2 known && _certificates.IsTrusted(known);
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        using var http = new HttpClient(handler);
        using var content = new StringContent("x");
        using var answer = await http.PostAsync(new Uri(address), content, Stop);
        return answer.StatusCode;
    }
}
