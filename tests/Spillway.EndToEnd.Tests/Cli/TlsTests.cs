using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Spillway.Cli.Serve;
using Spillway.Cli.Serve.Tls;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Cli;

/// <summary>TLS as <c>spillway serve</c> ends it, and clients that see each handshake.</summary>
public sealed class TlsTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("spillway-test-");
    private readonly List<TestCertificate> _made = [];
    private readonly Dictionary<string, string?> _settings;
    private WebApplication? _app;

    public TlsTests() => _settings = new()
    {
        [SettingsReader.UrlsKey] = "https://127.0.0.1:0",
        [SettingsReader.LogLevelKey] = "error",
        [SettingsReader.TlsCertificateKey] = Path.Combine(_directory.FullName, "tls.crt"),
        [SettingsReader.TlsKeyKey] = Path.Combine(_directory.FullName, "tls.key"),
        [$"{TlsOptions.Section}:ReloadEvery"] = "100ms",
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Url => _app!.Urls.First();

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync(CancellationToken.None);
            await _app.DisposeAsync();
        }

        _made.ForEach(static certificate => certificate.Dispose());
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Serve_CertificateChanges_RunningStreamGoesOnAndNewHandshakesSeeIt()
    {
        var (first, second) = (Make("first"), Make("second"));
        await StartAsync(first);
        await using var stream = await ConnectAsync();
        await SendAsync(stream, "GET /events?topic=a HTTP/1.1");
        var received = await ReadUntilAsync(stream, "spillway-open");

        Write(second);
        await Condition.WaitAsync(async () => await PresentedAsync() == second.Thumbprint, Patience, static () => "The new certificate was not used.", Stop);
        await _app!.Services.GetRequiredService<IEventPublisher>().PublishAsync(new PushEvent { Topic = "a", Payload = "still here"u8.ToArray() }, Stop);
        received += await ReadUntilAsync(stream, "still here");

        Assert.Equal(first.Thumbprint, stream.RemoteCertificate!.GetCertHashString());
        Assert.StartsWith("HTTP/1.1 200", received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_CertificateIsBrokenThenExpired_NewHandshakesSeeTheOldOne()
    {
        var first = Make("first");
        await StartAsync(first);
        var refusals = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "spillway.tls.reloads" && ReferenceEquals(instrument.Meter.Scope, _app!.Services.GetRequiredService<IMeterFactory>()))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => Interlocked.Add(ref refusals, (string?)tags[0].Value == "refused" ? 1 : 0));
        listener.Start();

        Action[] changes = [() => File.WriteAllText(_settings[SettingsReader.TlsCertificateKey]!, "broken"), () => Write(Keep(TestCertificate.OfServer("old", TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(-1))))];
        foreach (var change in changes)
        {
            var before = Volatile.Read(ref refusals);
            change();
            await Condition.WaitAsync(() => Task.FromResult(Volatile.Read(ref refusals) > before), Patience, static () => "The file was not looked at.", Stop);

            Assert.Equal(first.Thumbprint, await PresentedAsync());
        }
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Serve_NewProtocols_AreSpoken(SslProtocols protocol)
    {
        await StartAsync(Make("hub"));

        await using var stream = await ConnectAsync(options => options.EnabledSslProtocols = protocol);

        Assert.Equal(protocol, stream.SslProtocol);
    }

    [Theory]
    [InlineData(1)] // TLS 1.0
    [InlineData(2)] // TLS 1.1
    public async Task Serve_OldProtocols_AreRefused(byte minor)
    {
        await StartAsync(Make("hub"));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(Url).Port, Stop);

        await client.GetStream().WriteAsync(OldClientHello.Of(minor), Stop);
        var answer = new byte[7];
        await client.GetStream().ReadExactlyAsync(answer, Stop).AsTask().WaitAsync(Patience, Stop);

        Assert.Equal((21, 2, 70), (answer[0], answer[5], answer[6])); // A fatal alert, protocol_version: RFC 5246, section 7.2.
    }

    [Fact]
    public async Task Serve_ClientCertificateWithGrants_MayDoWhatItsEntrySays()
    {
        var authority = Trust("optional");
        _settings[SettingsReader.AccessKey] = "tokens";
        _settings["Spillway:Access:ClientCertificates:0:Id"] = "ann";
        _settings["Spillway:Access:ClientCertificates:0:Subject"] = "CN=ann";
        _settings["Spillway:Access:ClientCertificates:0:Publish:0"] = "a";
        await StartAsync(Make("hub"));
        var (ann, bob) = (Keep(authority.Vouch("ann")), Keep(authority.Vouch("bob")));

        (TestCertificate? Certificate, string Topic, int Status)[] requests = [(ann, "a", 200), (ann, "b", 403), (bob, "a", 401), (null, "a", 401)];
        foreach (var (certificate, topic, status) in requests)
        {
            Assert.StartsWith($"HTTP/1.1 {status}", await AskAsync($"POST /topics/{topic} HTTP/1.1", "Host: hub.example", certificate?.Certificate), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("none", true)]
    [InlineData("offline", false)] // There is no list of those taken back.
    [InlineData("online", false)] // Nor does the certificate say where one is.
    public async Task Serve_RevocationOfAClientIsNotKnown_LetsItInOnlyIfNobodyAsks(string revocation, bool isServed)
    {
        var authority = Trust("optional");
        _settings[$"{TlsOptions.Section}:ClientRevocation"] = revocation;
        await StartAsync(Make("hub"));

        var answer = await AskAsync("GET /health/live HTTP/1.1", "Host: localhost", Keep(authority.Vouch("ann")).Certificate);

        Assert.Equal(isServed, answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("none", "none", true)]
    [InlineData("none", "trusted", true)] // It is not asked for.
    [InlineData("optional", "none", true)]
    [InlineData("optional", "trusted", true)]
    [InlineData("optional", "untrusted", false)]
    [InlineData("optional", "of a server", false)]
    [InlineData("required", "none", false)]
    [InlineData("required", "trusted", true)]
    [InlineData("required", "untrusted", false)]
    public async Task Serve_ClientCertificates_AreAskedForAsTheOptionSays(string mode, string presented, bool isServed)
    {
        var (authority, other) = (Trust(mode), Keep(TestCertificate.OfAuthority("other", TimeProvider.System.GetUtcNow())));
        var certificate = presented switch
        {
            "trusted" => Keep(authority.Vouch("ann")),
            "untrusted" => Keep(other.Vouch("ann")),
            "of a server" => Keep(authority.Vouch("ann", isClient: false)),
            _ => null,
        };
        await StartAsync(Make("hub"), static app => app.MapGet("/who", static context => context.Response.WriteAsync($"<{context.Connection.ClientCertificate?.Subject}>")));

        var answer = await AskAsync("GET /who HTTP/1.1", "Host: localhost", certificate?.Certificate);

        Assert.Equal(isServed ? "HTTP/1.1 200" : "", answer.Length < 12 ? answer : answer[..12]);
        Assert.Contains(isServed ? mode != "none" && certificate is not null ? "<CN=ann>" : "<>" : "", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "hub.example", "max-age=15552000")]
    [InlineData(null, "hub.example:8443", "max-age=15552000")]
    [InlineData(null, "localhost", null)] // It would hold for all that this machine serves on other ports.
    [InlineData(null, "127.0.0.1:8443", null)]
    [InlineData("1h", "hub.example", "max-age=3600")]
    [InlineData("0", "hub.example", null)]
    public async Task Serve_Hsts_IsSaidInEveryAnswerOverTls(string? option, string host, string? expected)
    {
        _settings[SettingsReader.UrlsKey] = "https://127.0.0.1:0;http://127.0.0.1:0";
        _settings[SettingsReader.AccessKey] = "tokens";
        _settings["Spillway:Access:Anonymous:Subscribe:0"] = "a";
        _settings[$"{TlsOptions.Section}:Hsts"] = option;
        await StartAsync(Make("hub"));

        foreach (var line in (string[])["GET /health/live HTTP/1.1", "GET /nothing/here HTTP/1.1", "POST /topics/a HTTP/1.1", "GET /events?topic=b HTTP/1.1"])
        {
            var answer = await AskAsync(line, $"Host: {host}");
            var lines = answer.Split("\r\n").Where(static each => each.StartsWith("Strict-Transport-Security", StringComparison.OrdinalIgnoreCase));
            Assert.Equal(expected is null ? [] : [$"Strict-Transport-Security: {expected}"], lines);
        }

        using var http = new HttpClient { DefaultRequestHeaders = { Host = host } };
        using var plain = await http.GetAsync(new Uri(new Uri(_app!.Urls.Last()), "/health/live"), Stop);
        Assert.False(plain.Headers.Contains("Strict-Transport-Security"));
    }

    /// <summary>Has clients asked for certificates, and an authority trusted with them.</summary>
    private TestCertificate Trust(string mode)
    {
        var (authority, file) = (Keep(TestCertificate.OfAuthority("authority", TimeProvider.System.GetUtcNow())), Path.Combine(_directory.FullName, "authorities.pem"));
        File.WriteAllText(file, authority.Pem);
        _settings[$"{TlsOptions.Section}:ClientCertificates"] = mode;
        _settings[$"{TlsOptions.Section}:ClientAuthorities"] = mode == "none" ? null : file;
        return authority;
    }

    private TestCertificate Make(string name) => Keep(TestCertificate.OfServer(name, TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(1)));

    private TestCertificate Keep(TestCertificate certificate)
    {
        _made.Add(certificate);
        return certificate;
    }

    private void Write(TestCertificate certificate)
    {
        File.WriteAllText(_settings[SettingsReader.TlsCertificateKey]!, certificate.Pem);
        File.WriteAllText(_settings[SettingsReader.TlsKeyKey]!, certificate.KeyPem);
    }

    private async Task StartAsync(TestCertificate certificate, Action<WebApplication>? map = null)
    {
        Write(certificate);
        _app = ServeApp.Build(SettingsReader.Read(new Dictionary<string, string>(), null, _settings));
        map?.Invoke(_app);
        await _app.StartAsync(Stop);
    }

    private async Task<SslStream> ConnectAsync(Action<SslClientAuthenticationOptions>? change = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(Url).Port, Stop);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = static (_, presented, _, _) => presented is not null };
        change?.Invoke(options);
        await stream.AuthenticateAsClientAsync(options, Stop).WaitAsync(Patience, Stop);
        return stream;
    }

    private async Task<string> PresentedAsync()
    {
        await using var stream = await ConnectAsync();
        return stream.RemoteCertificate!.GetCertHashString();
    }

    /// <summary>The whole answer; empty where the connection is ended without one. With TLS 1.3 a client learns only then that its certificate is not taken.</summary>
    private async Task<string> AskAsync(string line, string header, X509Certificate2? certificate = null)
    {
        try
        {
            await using var stream = await ConnectAsync(options => options.ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true));
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{line}\r\n{header}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), Stop);
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(Stop).WaitAsync(Patience, Stop);
        }
        catch (Exception fault) when (fault is IOException or AuthenticationException)
        {
            return "";
        }
    }

    private async Task SendAsync(SslStream stream, string line) => await stream.WriteAsync(Encoding.ASCII.GetBytes($"{line}\r\nHost: {new Uri(Url).Authority}\r\n\r\n"), Stop);

    private static async Task<string> ReadUntilAsync(SslStream stream, string text)
    {
        var (received, buffer) = (new StringBuilder(), new byte[4096]);
        while (!received.ToString().Contains(text, StringComparison.Ordinal))
        {
            var length = await stream.ReadAsync(buffer, Stop).AsTask().WaitAsync(Patience, Stop);
            Assert.NotEqual(0, length);
            received.Append(Encoding.UTF8.GetString(buffer, 0, length));
        }

        return received.ToString();
    }
}
