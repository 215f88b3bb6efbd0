using System.Diagnostics.Metrics;
using System.Text;

namespace Spillway.Operations.Prometheus;

/// <summary>Names as Prometheus takes them, by the rules of OpenTelemetry's "Prometheus and OpenMetrics compatibility".</summary>
internal static class PrometheusName
{
    /// <summary>The metric's name: dots become underscores, the unit and, for a counter, <c>total</c> come last.</summary>
    public static string OfMetric(Instrument instrument, MetricKind kind)
    {
        const string Total = "_total";
        var name = Sanitize(instrument.Name, colons: true);
        if (kind == MetricKind.Counter && name.EndsWith(Total, StringComparison.Ordinal))
        {
            name = name[..^Total.Length];
        }

        var unit = UnitOf(instrument.Unit ?? "", kind);
        if (unit.Length > 0 && !name.EndsWith("_" + unit, StringComparison.Ordinal))
        {
            name = $"{name}_{unit}";
        }

        return kind == MetricKind.Counter ? name + Total : name;
    }

    /// <summary>A label's name; <c>le</c> belongs to histograms.</summary>
    public static string OfLabel(string key)
    {
        var name = Sanitize(key, colons: false);
        return name == "le" ? "tag_le" : name;
    }

    private static string UnitOf(string unit, MetricKind kind)
    {
        if (unit == "1")
        {
            return kind == MetricKind.Gauge ? "ratio" : "";
        }

        var slash = unit.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? WordOf(unit) : $"{WordOf(unit[..slash])}_per_{WordOf(unit[(slash + 1)..]).TrimEnd('s')}".TrimStart('_');
    }

    // "{event}" says what is counted; the name does so already.
    private static string WordOf(string unit) => unit switch
    {
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "%" => "percent",
        _ when unit.Length == 0 || unit[0] == '{' => "",
        _ => Sanitize(unit, colons: false),
    };

    private static string Sanitize(string text, bool colons)
    {
        var name = new StringBuilder(text.Length + 1);
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c) || (colons && c == ':'))
            {
                name.Append(c);
            }
            else if (name.Length == 0 || name[^1] != '_') // Several other characters become one underscore.
            {
                name.Append('_');
            }
        }

        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
        {
            name.Insert(0, '_');
        }

        return name.ToString();
    }
}
