namespace Spillway.Access.Tokens;

/// <summary>An issuer as it was configured, read and without faults; nothing is looked for yet.</summary>
/// <param name="Options">What was configured.</param>
/// <param name="Algorithms">What it signs with.</param>
/// <param name="Keys">The keys that stand there, or in files.</param>
/// <param name="KeySetUrl">Where it publishes others; null for nowhere.</param>
/// <param name="KeySetFile">A file that stands for such a place; null for none.</param>
/// <param name="Digest">Of all this, contents of files included: who has the same is the same.</param>
internal sealed record IssuerPlan(IssuerOptions Options, IReadOnlyList<SignatureAlgorithm> Algorithms, KeySet Keys, Uri? KeySetUrl, string? KeySetFile, string Digest)
{
    /// <summary>What stands in <c>iss</c>; null for tokens without.</summary>
    public string? Name => string.IsNullOrEmpty(Options.Issuer) ? null : Options.Issuer;

    public string? Audience => string.IsNullOrEmpty(Options.Audience) ? null : Options.Audience;
}
