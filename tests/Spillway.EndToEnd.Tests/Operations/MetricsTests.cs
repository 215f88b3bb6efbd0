using System.Diagnostics;
using System.Net;

namespace Spillway.EndToEnd.Tests.Operations;

public sealed class MetricsTests
{
    private const string Odd = "back\\slash \"quote\"\nline ü";

    [Fact]
    public async Task Metrics_ScrapedByPrometheus_AnswerQueries()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var host = await OperationsHost.StartAsync(cancellationToken);
        using var http = new HttpClient { BaseAddress = host.Address };
        host.Meter.CreateCounter<long>("spillway.test.odd_names", "{name}", "Help with \\ and\na line.").Add(7, new KeyValuePair<string, object?>("odd.name", Odd));
        var duration = host.Meter.CreateHistogram<double>("spillway.test.duration", "s", "Time.");
        duration.Record(0.004);
        duration.Record(0.2);
        await using var prometheus = await PrometheusServer.StartAsync(host.Address, cancellationToken);

        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/status") { Headers = { Host = "example.com" } };
            using var response = await http.SendAsync(request, cancellationToken);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }

        await prometheus.QueryAsync("up{job=\"spillway\"}", static value => value == "1", cancellationToken);
        await prometheus.QueryAsync("spillway_access_refused_requests_total{reason=\"host\"}", static value => value == "3", cancellationToken);
        var odd = await prometheus.QueryAsync("spillway_test_odd_names_total", static value => value == "7", cancellationToken);
        Assert.Equal(Odd, odd.GetProperty("metric").GetProperty("odd_name").GetString());
        await prometheus.QueryAsync("spillway_test_duration_seconds_bucket{le=\"0.005\"}", static value => value == "1", cancellationToken);
        await prometheus.QueryAsync("spillway_test_duration_seconds_count", static value => value == "2", cancellationToken);
        await prometheus.QueryAsync("histogram_quantile(0.9, spillway_test_duration_seconds_bucket)", static value => value.StartsWith("0.22", StringComparison.Ordinal), cancellationToken);
        await prometheus.QueryAsync("dotnet_process_memory_working_set_bytes > 1e6", static value => value.Length > 6, cancellationToken);
        Assert.Equal(("counter", "Help with \\ and\na line."), await prometheus.DescribeAsync("spillway_test_odd_names_total", cancellationToken));
        Assert.Equal(("histogram", "Time."), await prometheus.DescribeAsync("spillway_test_duration_seconds", cancellationToken));
    }

    [Fact]
    public async Task Metrics_CheckedByPromtool_AreWellFormed()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var host = await OperationsHost.StartAsync(cancellationToken);
        using var http = new HttpClient { BaseAddress = host.Address };
        host.Meter.CreateCounter<long>("spillway.test.events", "{event}", "Events.").Add(1, new KeyValuePair<string, object?>("odd.name", Odd));
        host.Meter.CreateHistogram<double>("spillway.test.duration", "s", "Time.").Record(1);
        using var response = await http.GetAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());

        using var promtool = Process.Start(new ProcessStartInfo("/usr/bin/promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
        await promtool.StandardInput.WriteAsync(await response.Content.ReadAsStringAsync(cancellationToken));
        promtool.StandardInput.Close();
        var findings = await promtool.StandardError.ReadToEndAsync(cancellationToken);
        await promtool.WaitForExitAsync(cancellationToken);

        Assert.Equal((0, ""), (promtool.ExitCode, findings));
    }
}
