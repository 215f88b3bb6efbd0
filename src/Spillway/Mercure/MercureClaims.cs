using Spillway.Access;

namespace Spillway.Mercure;

/// <summary>What a token says of the Mercure hub, as its ticket carries it.</summary>
/// <param name="entry">What of the options it was verified by.</param>
/// <param name="standing">Says whether that is still there.</param>
internal sealed class MercureClaims(string entry, MercureStanding standing) : ForeignGrants
{
    /// <summary>Of the token; null where there is none.</summary>
    public Dialect? Dialect { get; init; }

    public MercureGrants Publish { get; init; } = MercureGrants.None;

    public MercureGrants Subscribe { get; init; } = MercureGrants.None;

    public override bool StillStands => standing.Has(entry);

    public override string PublishTexts => Publish.Texts;
}
