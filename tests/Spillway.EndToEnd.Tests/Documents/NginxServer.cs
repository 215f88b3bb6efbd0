using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Documents;

/// <summary>Debian's nginx with the configuration of docs/operations.md, but for addresses and files, in front of a hub.</summary>
internal sealed class NginxServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly DirectoryInfo _folder;
    private readonly Process _process;

    private NginxServer(DirectoryInfo folder, Process process, Uri address) => (_folder, _process, Address) = (folder, process, address);

    public Uri Address { get; }

    public static async Task<NginxServer> StartAsync(Uri hub, TestCertificate certificate, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("spillway-nginx-");
        var (file, address) = (Path.Combine(folder.FullName, "nginx.conf"), new UriBuilder(Uri.UriSchemeHttps, "127.0.0.1", FreePort()).Uri);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "tls.crt"), certificate.Pem, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "tls.key"), certificate.KeyPem, cancellationToken);
        await File.WriteAllTextAsync(file, Configuration(await SnippetAsync(cancellationToken), folder.FullName, hub, address), cancellationToken);
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/nginx") { ArgumentList = { "-p", folder.FullName, "-c", file, "-e", "stderr" }, RedirectStandardError = true })!;
        var server = new NginxServer(folder, process, address);
        var log = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await Condition.WaitAsync(() => server.IsListeningAsync(log, cancellationToken), Patience, static () => "nginx did not listen.", cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> IsListeningAsync(Task<string> log, CancellationToken cancellationToken)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException(await log);
        }

        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Address.Port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<string> SnippetAsync(CancellationToken cancellationToken)
    {
        const string Begin = "```nginx\n";
        var page = await File.ReadAllTextAsync(Path.Combine(Tree.Root, "docs", "operations.md"), cancellationToken);
        var begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        return page[begin..page.IndexOf("```", begin, StringComparison.Ordinal)];
    }

    private static string Configuration(string snippet, string folder, Uri hub, Uri address)
    {
        (string Text, string Other)[] changes =
        [
            ("server 127.0.0.1:8080;", $"server {hub.Authority};"), ("listen 443 ssl http2;", $"listen {address.Authority} ssl http2;"),
            ("/etc/ssl/spillway.crt", Path.Combine(folder, "tls.crt")), ("/etc/ssl/spillway.key", Path.Combine(folder, "tls.key")),
        ];
        foreach (var (text, other) in changes)
        {
            Assert.Contains(text, snippet, StringComparison.Ordinal);
            snippet = snippet.Replace(text, other, StringComparison.Ordinal);
        }

        var folders = string.Concat(((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(name => $"{name}_temp_path {folder}/{name};\n"));
        return $"daemon off;\nmaster_process off;\npid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{folders}{snippet}}}\n";
    }

    /// <summary>nginx cannot be told that the system may choose.</summary>
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
