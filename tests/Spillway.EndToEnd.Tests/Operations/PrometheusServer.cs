using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Spillway.EndToEnd.Tests.Operations;

/// <summary>Debian's Prometheus, which scrapes one target once a second into a temporary folder.</summary>
internal sealed partial class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder;
    private readonly Process _process;
    private readonly HttpClient _http;

    private PrometheusServer(DirectoryInfo folder, Process process, Uri address)
    {
        _folder = folder;
        _process = process;
        _http = new HttpClient { BaseAddress = address };
    }

    public static async Task<PrometheusServer> StartAsync(Uri target, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("spillway-prometheus-");
        var configuration = Path.Combine(folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(
            configuration,
            $"global: {{ scrape_interval: 1s }}\nscrape_configs:\n  - job_name: spillway\n    static_configs: [{{ targets: [\"{target.Authority}\"] }}]\n",
            cancellationToken);
        var process = Process.Start(new ProcessStartInfo("/usr/bin/prometheus")
        {
            ArgumentList = { "--config.file=" + configuration, "--storage.tsdb.path=" + Path.Combine(folder.FullName, "data"), "--web.listen-address=127.0.0.1:0" },
            RedirectStandardError = true,
        })!;
        try
        {
            var address = await ReadAddressAsync(process, cancellationToken).WaitAsync(Patience, cancellationToken);
            _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None); // A full pipe would stop it.
            return new PrometheusServer(folder, process, address);
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>Asks until the first series of the answer satisfies <paramref name="expected"/>, or patience ends.</summary>
    public async Task<JsonElement> QueryAsync(string query, Predicate<string> expected, CancellationToken cancellationToken)
    {
        var (answer, found) = ("", default(JsonElement));
        await Condition.WaitAsync(
            async () =>
            {
                using var response = await _http.GetAsync(new Uri("/api/v1/query?query=" + Uri.EscapeDataString(query), UriKind.Relative), cancellationToken);
                answer = await response.Content.ReadAsStringAsync(cancellationToken);
                if (response.IsSuccessStatusCode && JsonDocument.Parse(answer).RootElement.GetProperty("data").GetProperty("result") is { } result && result.GetArrayLength() > 0)
                {
                    found = result[0];
                    return expected(found.GetProperty("value")[1].GetString()!);
                }

                return false;
            },
            Patience,
            () => $"Prometheus answered the query {query} with {answer}.",
            cancellationToken);
        return found;
    }

    /// <summary>Type and help of a metric.</summary>
    public async Task<(string Type, string Help)> DescribeAsync(string metric, CancellationToken cancellationToken)
    {
        var answer = await _http.GetStringAsync(new Uri("/api/v1/metadata?metric=" + metric, UriKind.Relative), cancellationToken);
        var description = JsonDocument.Parse(answer).RootElement.GetProperty("data").GetProperty(metric)[0];
        return (description.GetProperty("type").GetString()!, description.GetProperty("help").GetString()!);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task<Uri> ReadAddressAsync(Process process, CancellationToken cancellationToken)
    {
        var log = new List<string>();
        while (await process.StandardError.ReadLineAsync(cancellationToken) is { } line)
        {
            log.Add(line);
            if (Listening().Match(line) is { Success: true } match)
            {
                return new Uri("http://" + match.Groups[1].Value);
            }
        }

        throw new InvalidOperationException("Prometheus ended before it listened:\n" + string.Join('\n', log));
    }

    [GeneratedRegex("msg=\"Listening on\" address=(127\\.0\\.0\\.1:\\d+)")]
    private static partial Regex Listening();
}
