using System.Buffers;
using System.Text;
using Spillway.Operations.Prometheus;

namespace Spillway.Tests.Operations.Prometheus;

/// <summary>A scrape, as lines.</summary>
internal static class ExpositionText
{
    /// <summary>The lines about metrics whose names begin so.</summary>
    public static string[] Lines(MetricsExposition exposition, string name)
    {
        var output = new ArrayBufferWriter<byte>();
        exposition.Write(output);
        var text = Encoding.UTF8.GetString(output.WrittenSpan);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        return [.. text.Split('\n').Where(line =>
            line.StartsWith(name, StringComparison.Ordinal) || (line.StartsWith('#') && line.Split(' ')[2].StartsWith(name, StringComparison.Ordinal)))];
    }

    /// <summary>The same without help and types.</summary>
    public static string[] Samples(MetricsExposition exposition, string name) => [.. Lines(exposition, name).Where(static line => line[0] != '#')];
}
