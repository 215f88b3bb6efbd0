using System.Diagnostics.Metrics;
using Spillway.EndToEnd.Tests.Documents;

namespace Spillway.EndToEnd.Tests.Operations;

/// <summary>docs/operations.md names the type and unit that each metric of a hub has. That it has a row at all is a rule of style.</summary>
public sealed class MetricDocumentTests
{
    [Fact]
    public async Task Page_EachMetricOfAHub_HasItsTypeAndUnit()
    {
        var instruments = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) => Add(instrument);
        listener.Start();
        await using var host = await OperationsHost.StartAsync(TestContext.Current.CancellationToken);
        Instrument[] own;
        lock (instruments)
        {
            own = [.. instruments.Where(instrument => ReferenceEquals(instrument.Meter.Scope, host.Meter.Scope))];
        }

        var page = await File.ReadAllLinesAsync(Path.Combine(Tree.Root, "docs", "operations.md"), TestContext.Current.CancellationToken);

        Assert.True(own.Length > 20, $"The hub made only {own.Length} metrics.");
        Assert.All(own.Select(RowOf), row => Assert.Contains(page, line => line.StartsWith(row, StringComparison.Ordinal)));

        void Add(Instrument instrument)
        {
            lock (instruments)
            {
                if (instrument.Meter.Name.StartsWith("Spillway.", StringComparison.Ordinal))
                {
                    instruments.Add(instrument);
                }
            }
        }
    }

    private static string RowOf(Instrument instrument)
    {
        var type = instrument.GetType().Name.Split('`')[0].Replace("Observable", "", StringComparison.Ordinal) switch
        {
            "Counter" => "counter",
            "UpDownCounter" => "up-down counter",
            "Histogram" => "histogram",
            _ => "gauge",
        };
        var unit = instrument.Unit switch
        {
            "s" => "seconds",
            "By" => "bytes",
            { Length: > 2 } annotation when annotation[0] == '{' => annotation[1..^1], // In the plural, of whatever form.
            _ => "a unit of OpenTelemetry",
        };
        return $"| `{instrument.Name}` | {type} | {(unit == "batch" ? "batches" : unit)}";
    }
}
