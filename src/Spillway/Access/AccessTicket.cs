using System.Net;

namespace Spillway.Access;

/// <summary>Who sent a request, and what that allows. Immutable: many requests may share one.</summary>
internal sealed record AccessTicket
{
    /// <summary>What an open hub gives everybody.</summary>
    public static AccessTicket Everything { get; } = new() { Publish = GrantSet.Everything, Subscribe = GrantSet.Everything, Admin = true };

    /// <summary>What was presented.</summary>
    public CredentialKind Kind { get; init; }

    /// <summary>Tells the entry of the options that it is made of from every other one, changed ones included; null where it is made of none.</summary>
    public string? Entry { get; init; }

    /// <summary>Who it is, as the credential says; null for nobody in particular.</summary>
    public string? Subject { get; init; }

    /// <summary>The credential's own name (<c>jti</c> of a token, the SHA-256 of a certificate), by which it can be revoked; null where it has none.</summary>
    public string? TokenId { get; init; }

    /// <summary>The name of the API key that it is of; null for all else.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Who vouches for it; null where nobody does.</summary>
    public string? Issuer { get; init; }

    /// <summary>When the credential was made, as it says; null where it does not say.</summary>
    public DateTimeOffset? Issued { get; init; }

    /// <summary>From when on it allows nothing; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Topics that may be published to.</summary>
    public GrantSet Publish { get; init; } = GrantSet.None;

    /// <summary>Topics that may be subscribed to.</summary>
    public GrantSet Subscribe { get; init; } = GrantSet.None;

    /// <summary>What it grants in another protocol's words; null: it is none of one.</summary>
    public ForeignGrants? Foreign { get; init; }

    /// <summary>Whether it allows what operators do.</summary>
    public bool Admin { get; init; }

    /// <summary>The only addresses from which it is good; null for any.</summary>
    public IPNetwork? Address { get; init; }

    /// <summary>The only client for which it is good; null for any.</summary>
    public string? ClientId { get; init; }

    /// <summary>Where it is written that it was taken back; null: nowhere. Set once, before anybody is handed it.</summary>
    public Revocations? Revocations { get; set; }

    /// <summary>Whether it was taken back. Takes no lock.</summary>
    public bool IsRevoked => Revocations?.Has(this) == true;

    /// <summary>Whether another one is of the same holder, so that it may take this one's place. Nobody in particular is never the same.</summary>
    public bool IsOfSameHolder(AccessTicket other) =>
        Subject is not null && Kind == other.Kind && Subject == other.Subject && Issuer == other.Issuer && ApiKey == other.ApiKey;

    /// <summary>Whether its time is over.</summary>
    public bool HasExpired(DateTimeOffset now) => Expires is { } end && now >= end;

    /// <summary>Whether it is good for a client at an address; IPv4 in the clothes of IPv6 is seen through. A client without an address is at none.</summary>
    public bool IsGoodAt(IPAddress? address) => Address is not { } bound
        || (address is not null && bound.Contains(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address));
}
