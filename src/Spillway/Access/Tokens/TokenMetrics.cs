using System.Diagnostics.Metrics;

namespace Spillway.Access.Tokens;

/// <summary>What became of tokens and of the keys that they are verified with.</summary>
internal sealed class TokenMetrics
{
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _evicted;
    private readonly Counter<long> _fetches;
    private readonly Counter<long> _introspections;

    public TokenMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(OpenHubGuard.MeterName);
        _tokens = meter.CreateCounter<long>(
            "spillway.access.tokens", "{token}", "Tokens that were presented, by result: good, cached, or what was wrong with them.");
        _evicted = meter.CreateCounter<long>("spillway.access.evicted_tokens", "{token}", "Verified tokens that were forgotten because there were more than Access:TokenCacheEntries, or Access:Introspection:Entries.");
        _introspections = meter.CreateCounter<long>(
            "spillway.access.introspections", "{question}", "Questions about tokens to the server that can read them, by result: active, inactive, failed, and busy for those that Access:Introspection:Concurrency kept from being asked.");
        _fetches = meter.CreateCounter<long>(
            "spillway.access.key_fetches", "{fetch}", "Looks for an issuer's keys, by result: changed, unchanged, failed, and too-soon for those that Access:KeySetInterval kept from happening.");
    }

    public void Presented(TokenFault fault, bool cached) => _tokens.Add(1, new KeyValuePair<string, object?>("result", cached ? "cached" : NameOf(fault)));

    public void Evicted(int tokens) => _evicted.Add(tokens);

    public void Fetched(string result) => _fetches.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Introspected(string result) => _introspections.Add(1, new KeyValuePair<string, object?>("result", result));

    private static string NameOf(TokenFault fault) => fault switch
    {
        TokenFault.None => "good",
        TokenFault.TooLarge => "too-large",
        TokenFault.Malformed => "malformed",
        TokenFault.Header => "header",
        TokenFault.Algorithm => "algorithm",
        TokenFault.Issuer => "issuer",
        TokenFault.Key => "key",
        TokenFault.Signature => "signature",
        TokenFault.Claim => "claim",
        TokenFault.Expired => "expired",
        TokenFault.NotYetValid => "not-yet-valid",
        TokenFault.Audience => "audience",
        TokenFault.Inactive => "inactive",
        TokenFault.Unavailable => "unavailable",
        _ => "grants",
    };
}
