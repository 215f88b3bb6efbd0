using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Spillway.Cli.Serve;
using Spillway.EndToEnd.Tests.Cli;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Documents;

/// <summary>The configuration for nginx in docs/operations.md does what it stands there for.</summary>
public sealed class NginxTests : IAsyncLifetime
{
    private const string Client = "127.0.0.2"; // Another address than that by which nginx itself comes to the hub.

    private readonly TestCertificate _certificate = TestCertificate.OfServer("hub", TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(1));
    private readonly WebApplication _hub = ServeApp.Build(SettingsReader.Read(new Dictionary<string, string>(), null, new Dictionary<string, string?>(BoundToken.Settings)
    {
        [SettingsReader.UrlsKey] = "http://127.0.0.1:0",
        [SettingsReader.LogLevelKey] = "error",
        [$"{ProxyOptions.Section}:Trusted:0"] = "127.0.0.1",
    }));

    private NginxServer? _nginx;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _hub.StartAsync(Stop);
        _nginx = await NginxServer.StartAsync(new Uri(_hub.Urls.First()), _certificate, Stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_nginx is not null)
        {
            await _nginx.DisposeAsync();
        }

        await _hub.StopAsync(CancellationToken.None);
        await _hub.DisposeAsync();
        _certificate.Dispose();
    }

    [Fact]
    public async Task Stream_OverHttp2_ComesAtOnceToWhomTheTokenIsBoundTo()
    {
        using var client = new HttpClient(Handler(Client)) { BaseAddress = _nginx!.Address, DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        client.DefaultRequestHeaders.Authorization = new("Bearer", BoundToken.Make(Client + "/32"));
        using var subscriber = await StreamSubscriber.OpenedAsync(client, "/events?topic=a");

        await PublishAsync("one");
        using var published = await client.PostAsync(new Uri("/topics/a", UriKind.Relative), new StringContent("two"), Stop);

        Assert.Equal(["one", "two"], await subscriber.NextDataAsync(2));
        Assert.Equal(HttpStatusCode.OK, published.StatusCode);
        Assert.Equal(["max-age=15552000"], subscriber.Response.Headers.GetValues("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Request_FromAnotherAddressThatClaimsTheFirst_Is401()
    {
        using var client = new HttpClient(Handler("127.0.0.3")) { BaseAddress = _nginx!.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", BoundToken.Make(Client + "/32"));
        client.DefaultRequestHeaders.Add("X-Forwarded-For", Client);

        using var response = await client.GetAsync(new Uri("/events?topic=a", UriKind.Relative), Stop);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.True(response.Headers.Contains("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WebSocket_OfAPageWithTheCookie_IsOpenedIfThePageIsTheHubs(bool isOwn)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", isOwn ? _nginx!.Address.GetLeftPart(UriPartial.Authority) : "https://127.0.0.1");
        socket.Options.SetRequestHeader("Cookie", "spillway-token=" + BoundToken.Make(Client + "/32"));
        socket.Options.CollectHttpResponseDetails = true;
        using var invoker = new HttpMessageInvoker(Handler(Client));
        var address = new UriBuilder(_nginx!.Address) { Scheme = "wss", Path = "/events", Query = "topic=a&signals=off" }.Uri;

        if (!isOwn)
        {
            await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, invoker, Stop));
            Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
            return;
        }

        await socket.ConnectAsync(address, invoker, Stop);
        await PublishAsync("one");
        var buffer = new byte[4096];
        var message = await socket.ReceiveAsync(buffer, Stop);
        Assert.Contains("\"payload\":\"one\"", System.Text.Encoding.UTF8.GetString(buffer, 0, message.Count), StringComparison.Ordinal);
    }

    private async Task PublishAsync(string text) =>
        await _hub.Services.GetRequiredService<IEventPublisher>().PublishAsync(new PushEvent { Topic = "a", Payload = System.Text.Encoding.UTF8.GetBytes(text) }, Stop);

    private SocketsHttpHandler Handler(string from) => new()
    {
        SslOptions = new() { RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == _certificate.Thumbprint },
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };
}
