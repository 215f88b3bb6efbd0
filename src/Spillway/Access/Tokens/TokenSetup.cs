using Microsoft.Extensions.Logging;

namespace Spillway.Access.Tokens;

/// <summary>Makes what validates tokens from options.</summary>
internal static class TokenSetup
{
    /// <summary>Everything that is wrong with the issuers and with times that have to fit each other.</summary>
    public static IReadOnlyList<string> FindFaults(AccessOptions options)
    {
        var faults = new List<string>();
        if (options.KeySetInterval > options.KeySetMaxAge || options.KeySetMaxAge > options.KeySetKeepFor)
        {
            faults.Add("Spillway:Access:KeySetInterval, KeySetMaxAge and KeySetKeepFor are not in this order; give each at least the time of the one before.");
        }

        IssuerReader.Read(options, faults);
        return faults;
    }

    /// <summary>The validator of options that have no fault. The caller disposes it; keys that are published are looked for when the first token needs them.</summary>
    public static TokenValidator Create(AccessOptions options, ITicketReader tickets, TokenMetrics metrics, TimeProvider clock, ILogger logger)
    {
        var issuers = ReadIssuers(options).Select(plan => CreateIssuer(plan, options, tickets, metrics, clock, logger));
        return new TokenValidator([.. issuers], TokenLimitsOf(options), options.TokenCacheEntries, metrics, clock);
    }

    /// <summary>The issuers of options that have no fault.</summary>
    public static IReadOnlyList<IssuerPlan> ReadIssuers(AccessOptions options)
    {
        var faults = new List<string>();
        var plans = IssuerReader.Read(options, faults);
        return faults.Count == 0 ? plans : throw new InvalidOperationException(string.Join(' ', faults)); // Files may have changed since they were checked.
    }

    /// <summary>An issuer with its keys, of which those that are published are not looked for yet. Whoever has it disposes them.</summary>
    public static TrustedIssuer CreateIssuer(IssuerPlan plan, AccessOptions options, ITicketReader tickets, TokenMetrics metrics, TimeProvider clock, ILogger logger) =>
        new(plan.Name, plan.Audience, plan.Algorithms, plan.Options.Skew, [.. SourcesOf(plan, KeySetLimitsOf(options), metrics, clock, logger)], tickets) { Digest = plan.Digest };

    public static TokenLimits TokenLimitsOf(AccessOptions options) => new()
    {
        TokenBytes = options.TokenBytes,
        HeaderBytes = options.TokenHeaderBytes,
        Depth = options.TokenDepth,
        Grants = options.TokenGrants,
        NameLength = options.TokenNameLength,
        KeysTried = options.TokenKeysTried,
    };

    public static KeySetLimits KeySetLimitsOf(AccessOptions options) => new()
    {
        Bytes = options.KeySetBytes,
        Keys = options.KeySetKeys,
        Interval = options.KeySetInterval,
        MaxAge = options.KeySetMaxAge,
        KeepFor = options.KeySetKeepFor,
        Timeout = options.KeySetTimeout,
    };

    private static IEnumerable<IKeySource> SourcesOf(IssuerPlan plan, KeySetLimits limits, TokenMetrics metrics, TimeProvider clock, ILogger logger)
    {
        if (plan.Keys.Keys.Count > 0)
        {
            yield return new StaticKeys(plan.Keys);
        }

        var name = plan.Name ?? "(none)";
        if (plan.KeySetFile is { } file)
        {
            var reader = new KeySetReader(new JwkReader(new KeyMaker(plan.Algorithms), takesSecrets: true), limits);
            yield return new FetchedKeys(name, new FileKeyFetcher(file, limits.Bytes), reader, limits, metrics, clock, logger) { Origin = "file " + file };
        }

        if (plan.KeySetUrl is { } url)
        {
            var reader = new KeySetReader(new JwkReader(new KeyMaker(plan.Algorithms), takesSecrets: false), limits);
            yield return new FetchedKeys(name, new HttpKeyFetcher(url, limits.Bytes, limits.Timeout), reader, limits, metrics, clock, logger) { Origin = url.AbsoluteUri };
        }
    }
}
