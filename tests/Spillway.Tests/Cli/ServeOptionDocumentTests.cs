using Spillway.Cli.Serve;
using Spillway.Cli.Serve.Tls;
using Spillway.Configuration;
using Spillway.Tests.Tidy;

namespace Spillway.Tests.Cli;

/// <summary>docs/operations.md has a row for every option of serve alone, with its default.</summary>
public sealed class ServeOptionDocumentTests
{
    private static readonly string[] Lines = Repository.Files.Single(static file => file.Path == "docs/operations.md").Text.Split('\n');

    [Fact]
    public void Page_EachOptionOfTls_HasARowWithItsDefault() => AssertRows("Tls", new TlsOptions());

    [Fact]
    public void Page_EachOptionOfProxies_HasARowWithItsDefault() => AssertRows("Proxies", new ProxyOptions());

    private static void AssertRows(string section, object defaults)
    {
        var rows = Lines.Where(line => line.StartsWith($"| `{section}:", StringComparison.Ordinal)).ToArray();
        var properties = OptionShape.PropertiesOf(defaults.GetType()).ToArray();

        Assert.Equal(properties.Length, rows.Length);
        Assert.All(properties, property => Assert.Contains(rows, row =>
            row.StartsWith($"| `{section}:{property.Name}` |", StringComparison.Ordinal) && row.Split('|')[3].Trim() == OptionText.Format(property, property.GetValue(defaults))));
    }
}
