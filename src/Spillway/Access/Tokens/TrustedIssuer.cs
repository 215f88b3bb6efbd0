namespace Spillway.Access.Tokens;

/// <summary>Who may make tokens, and which.</summary>
/// <param name="Name">What stands in <c>iss</c>; null for tokens that have none.</param>
/// <param name="Audience">What has to stand in <c>aud</c>; null where tokens must not have one.</param>
/// <param name="Algorithms">The only ones that it uses.</param>
/// <param name="Skew">How far its clock and ours may be apart.</param>
/// <param name="Keys">Its keys, and nobody else's.</param>
/// <param name="Tickets">How its tokens say what they grant.</param>
internal sealed record TrustedIssuer(
    string? Name, string? Audience, IReadOnlyList<SignatureAlgorithm> Algorithms, TimeSpan Skew, IReadOnlyList<IKeySource> Keys, ITicketReader Tickets)
{
    /// <summary>What its tokens have to be. Default: what the hub's own are.</summary>
    public TokenProfile Profile { get; init; } = TokenProfile.Native;

    /// <summary>How much later than at <c>exp</c> its tokens end.</summary>
    public TimeSpan ExpirySkew => Profile.EndsOnTime ? TimeSpan.Zero : Skew;

    /// <summary>Of what was configured: who has the same stayed as it was. Empty where nobody asks.</summary>
    public string Digest { get; init; } = "";
}
