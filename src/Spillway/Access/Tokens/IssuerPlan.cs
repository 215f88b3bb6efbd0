namespace Spillway.Access.Tokens;

/// <summary>An issuer as it was configured, read and without faults; nothing is looked for yet.</summary>
internal sealed record IssuerPlan(IssuerOptions Options, IReadOnlyList<SignatureAlgorithm> Algorithms, KeySet Keys, Uri? KeySetUrl, string? KeySetFile)
{
    /// <summary>What stands in <c>iss</c>; null for tokens without.</summary>
    public string? Name => string.IsNullOrEmpty(Options.Issuer) ? null : Options.Issuer;

    public string? Audience => string.IsNullOrEmpty(Options.Audience) ? null : Options.Audience;
}
