using Microsoft.Extensions.Configuration;

namespace Spillway.TestKit;

/// <summary>A host's configuration that changes while the host runs.</summary>
internal sealed class ChangingConfiguration : ConfigurationProvider, IConfigurationSource
{
    public ChangingConfiguration(params (string Key, string Value)[] values)
    {
        Take(values);
        Root = new ConfigurationRoot([this]);
    }

    public IConfiguration Root { get; }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Other values from now on; tells that they changed.</summary>
    public void Change(params (string Key, string Value)[] values)
    {
        Take(values);
        OnReload();
    }

    private void Take((string Key, string Value)[] values) =>
        Data = values.ToDictionary(static pair => $"Spillway:{pair.Key}", static pair => (string?)pair.Value, StringComparer.OrdinalIgnoreCase);
}
