using Microsoft.Extensions.Configuration;

namespace Spillway.Cli.Serve;

/// <summary>The configuration of a running hub: held in memory, and replaced as a whole when what it was read from has changed and is right.</summary>
internal sealed class HeldConfiguration : ConfigurationProvider, IConfigurationSource
{
    public HeldConfiguration(IConfiguration configuration) => Data = ValuesOf(configuration);

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Holds another configuration from now on, and tells that it did.</summary>
    public void Replace(IConfiguration configuration)
    {
        Data = ValuesOf(configuration);
        OnReload();
    }

    private static Dictionary<string, string?> ValuesOf(IConfiguration configuration) =>
        configuration.AsEnumerable().Where(static pair => pair.Value is not null).ToDictionary(StringComparer.OrdinalIgnoreCase);
}
