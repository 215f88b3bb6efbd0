using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Spillway.Configuration;

/// <summary>Binds the host's configuration and reports its faults together with those that the validator finds.</summary>
internal sealed class ConfiguredOptions(IConfiguration configuration) : IConfigureOptions<SpillwayOptions>, IValidateOptions<SpillwayOptions>
{
    private readonly ConditionalWeakTable<SpillwayOptions, List<string>> _faults = []; // They are read again while the hub runs, by whoever asks for them.

    public void Configure(SpillwayOptions options)
    {
        var faults = new List<string>();
        SpillwayConfiguration.Bind(configuration, options, faults);
        _faults.AddOrUpdate(options, faults);
    }

    public ValidateOptionsResult Validate(string? name, SpillwayOptions options) =>
        _faults.TryGetValue(options, out var faults) && faults.Count > 0 ? ValidateOptionsResult.Fail([.. faults]) : ValidateOptionsResult.Success;
}
