using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Spillway.Configuration;

/// <summary>Binds the host's configuration and reports its faults together with those that the validator finds.</summary>
internal sealed class ConfiguredOptions(IConfiguration configuration) : IConfigureOptions<SpillwayOptions>, IValidateOptions<SpillwayOptions>
{
    private readonly List<string> _faults = [];

    public void Configure(SpillwayOptions options)
    {
        _faults.Clear();
        SpillwayConfiguration.Bind(configuration, options, _faults);
    }

    public ValidateOptionsResult Validate(string? name, SpillwayOptions options) =>
        _faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail([.. _faults]);
}
