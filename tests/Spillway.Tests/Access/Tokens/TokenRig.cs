using System.Text;
using Spillway.Access.Tokens;
using Spillway.TestKit;

namespace Spillway.Tests.Access.Tokens;

/// <summary>Validators with the issuers of a test.</summary>
internal static class TokenRig
{
    /// <summary>When it is, where a test says nothing else.</summary>
    public static readonly DateTimeOffset Now = new ManualTimeProvider().GetUtcNow();

    public static readonly long Seconds = Now.ToUnixTimeSeconds();

    public static TrustedIssuer Issuer(string? name, params VerificationKey[] keys) =>
        new(name, null, SignatureAlgorithm.All, TimeSpan.FromSeconds(30), [new StaticKeys(new KeySet(keys))], new SpillwayTicketReader());

    public static TokenValidator Validator(params TrustedIssuer[] issuers) => Validator(new MetricCollector(), issuers);

    public static TokenValidator Validator(MetricCollector metrics, params TrustedIssuer[] issuers) =>
        new(issuers, new TokenLimits(), 100, new TokenMetrics(metrics), new ManualTimeProvider());

    /// <summary>A payload that is good for a minute, with more members.</summary>
    public static string Payload(string more = "") => $$"""{"iss":"{{TestKeys.Issuer}}","exp":{{Seconds + 60}}{{(more.Length > 0 ? "," + more : "")}}}""";

    public static TokenResult Check(this TokenValidator validator, string token, DateTimeOffset? now = null) => validator.Validate(Encoding.UTF8.GetBytes(token), now ?? Now);

    /// <summary>What one issuer with the key of an algorithm says of a token.</summary>
    public static TokenResult Check(string algorithm, string token) => Validator(Issuer(TestKeys.Issuer, TestKeys.KeyFor(algorithm))).Check(token);
}
