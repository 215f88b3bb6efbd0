using Spillway.Access;

namespace Spillway.Mercure;

/// <summary>Who sent a request to the Mercure hub, and what that allows.</summary>
/// <param name="Ticket">Who it is, until when and by what it may be taken back: it becomes the lease of the connection. What it grants in the hub's own words is not for here.</param>
/// <param name="Dialect">Of the token; null where there is none.</param>
/// <param name="Publish">Topics that may be published to.</param>
/// <param name="Subscribe">Topics of which what is private may be received.</param>
internal sealed record MercureTicket(AccessTicket Ticket, Dialect? Dialect, MercureGrants Publish, MercureGrants Subscribe)
{
    /// <summary>The dialect in which its holder is answered. Whom the host itself lets in has said none: then it is that of now, where it is spoken.</summary>
    public Dialect SpokenAt(MercureOptions hub) => Dialect ?? (hub.Dialects == MercureDialects.Classic ? Mercure.Dialect.Classic : Mercure.Dialect.Draft8);

    /// <summary>What the gate admitted, by a token or by the host's own word.</summary>
    public static MercureTicket Of(AccessTicket ticket) => ticket.Foreign is MercureClaims claims
        ? new(ticket, claims.Dialect, claims.Publish, claims.Subscribe)
        : new(ticket, null, MercureGrants.Of(ticket.Publish), MercureGrants.Of(ticket.Subscribe));
}
