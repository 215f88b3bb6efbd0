using System.Collections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Spillway.Configuration;

namespace Spillway;

/// <summary>Where options come from: the section <see cref="SpillwayOptions.Section"/> of configuration, then code.</summary>
internal static class SpillwayConfiguration
{
    private const string RulesKey = $"{SpillwayOptions.Section}:{nameof(SpillwayOptions.Rules)}";

    // What AccessGate and OriginsGuard take over. An option that stands here though nobody takes it over would be changed and not told.
    private static readonly string[] TakenOver =
    [
        .. new[]
        {
            nameof(AccessOptions.Anonymous), nameof(AccessOptions.ApiKeys), nameof(AccessOptions.CallbackTimeout), nameof(AccessOptions.ClientCertificates),
            nameof(AccessOptions.Cookie), nameof(AccessOptions.Introspection), nameof(AccessOptions.Issuers), nameof(AccessOptions.Origins),
            nameof(AccessOptions.OriginCredentials), nameof(AccessOptions.PreflightMaxAge),
            nameof(AccessOptions.TokenBytes), nameof(AccessOptions.TokenHeaderBytes), nameof(AccessOptions.TokenDepth), nameof(AccessOptions.TokenGrants),
            nameof(AccessOptions.TokenNameLength), nameof(AccessOptions.TokenKeysTried), nameof(AccessOptions.TokenCacheEntries),
            nameof(AccessOptions.KeySetBytes), nameof(AccessOptions.KeySetKeys), nameof(AccessOptions.KeySetInterval), nameof(AccessOptions.KeySetMaxAge),
            nameof(AccessOptions.KeySetKeepFor), nameof(AccessOptions.KeySetTimeout),
        }.Select(static name => $"{SpillwayOptions.Section}:{nameof(SpillwayOptions.Access)}:{name}"),
    ];

    // What MercureGate takes over.
    private static readonly string[] MercureTakenOver =
    [
        .. new[]
        {
            nameof(MercureOptions.Anonymous), nameof(MercureOptions.Cookie), nameof(MercureOptions.CookieClassic), nameof(MercureOptions.PublisherAlgorithm), nameof(MercureOptions.PublisherKey),
            nameof(MercureOptions.SubscriberAlgorithm), nameof(MercureOptions.SubscriberKey), nameof(MercureOptions.UrlAuthorization),
        }.Select(static name => $"{SpillwayOptions.Section}:{nameof(SpillwayOptions.Mercure)}:{name}"),
    ];

    /// <summary>Every fault of a configuration, each with key, value and remedy; empty where a hub can start with it.</summary>
    public static IReadOnlyList<string> FindFaults(IConfiguration configuration)
    {
        var faults = new List<string>();
        var options = new SpillwayOptions();
        Bind(configuration, options, faults);
        return [.. faults, .. SpillwayOptionsValidator.FindFaults(options)];
    }

    /// <summary>Binds the section to <paramref name="options"/>. What cannot be bound stays as it is and is told in <paramref name="faults"/>.</summary>
    public static void Bind(IConfiguration configuration, SpillwayOptions options, List<string> faults) =>
        new OptionBinder(faults).Bind(configuration.GetSection(SpillwayOptions.Section), options);

    /// <summary>The keys of the options that differ and that no running hub takes over: all but the rules, what is in <see cref="TakenOver"/> and <see cref="MercureTakenOver"/>, and some limits.</summary>
    public static string[] FindChanges(SpillwayOptions before, SpillwayOptions after)
    {
        var isSameGate = before.Access.Mode == after.Access.Mode; // Else all of it waits.
        var isSameMercure = isSameGate && before.Mercure.Enabled && after.Mercure.Enabled;
        return [.. OptionDifferences.Find(before, after, SpillwayOptions.Section).Where(key => key != RulesKey && !(isSameGate && IsTakenOver(key)) && !(isSameMercure && MercureTakenOver.Contains(key)) && !LimitReload.Keys.Contains(key))];
    }

    private static bool IsTakenOver(string key) => Array.Exists(TakenOver, own => key == own || key.StartsWith(own + ':', StringComparison.Ordinal));

    /// <summary>Whether two sets of options have the same rules.</summary>
    public static bool HaveSameRules(SpillwayOptions before, SpillwayOptions after) => OptionDifferences.AreAlike((IList)before.Rules, (IList)after.Rules);

    /// <summary>Adds the options, bound and validated before the host starts; all faults come in one <see cref="OptionsValidationException"/>.</summary>
    public static void AddOptions(IServiceCollection services)
    {
        // The first configurations that run, so that code which configures after us has the last word.
        services.TryAddSingleton<ConfiguredOptions>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<SpillwayOptions>, ConfiguredOptions>(Configured));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SpillwayOptions>, ConfiguredOptions>(Configured));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SpillwayOptions>, SpillwayOptionsValidator>());
        services.AddOptions<SpillwayOptions>().ValidateOnStart();

        static ConfiguredOptions Configured(IServiceProvider provider) => provider.GetRequiredService<ConfiguredOptions>();
    }
}
