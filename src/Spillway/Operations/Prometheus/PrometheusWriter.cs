using System.Buffers;
using System.Globalization;
using System.Text;

namespace Spillway.Operations.Prometheus;

/// <summary>Writes lines of the Prometheus text exposition format 0.0.4.</summary>
internal sealed class PrometheusWriter(IBufferWriter<byte> output)
{
    public void Header(string name, string help, MetricKind kind)
    {
        if (help.Length > 0)
        {
            Text($"# HELP {name} {EscapeHelp(help)}\n");
        }

        Text($"# TYPE {name} {TypeOf(kind)}\n");
    }

    public void Sample(string name, string labels, double value) =>
        Text(labels.Length == 0 ? $"{name} {Number(value)}\n" : $"{name}{{{labels}}} {Number(value)}\n");

    /// <summary>A label's value between quotes: backslash, quote and line feed are escaped.</summary>
    public static string EscapeLabel(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    /// <summary>A help text: backslash and line feed are escaped, quotes are not.</summary>
    public static string EscapeHelp(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string TypeOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Histogram => "histogram",
        _ => "gauge",
    };

    private static string Number(double value)
    {
        if (double.IsFinite(value))
        {
            return value.ToString(CultureInfo.InvariantCulture);
        }

        return double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    }

    private void Text(string text) => Encoding.UTF8.GetBytes(text, output);
}
