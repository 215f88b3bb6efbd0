namespace Spillway.Access.Tokens;

/// <summary>A ticket whose token was verified, and with which keys.</summary>
internal readonly record struct CachedTicket(AccessTicket Ticket, IKeySource Source, KeySet Keys) : IRemembered
{
    /// <summary>Whether it would be verified again: in time, and with keys that the issuer still has.</summary>
    public bool StillHolds(DateTimeOffset now) => (Ticket.Expires is not { } end || now < end) && ReferenceEquals(Source.GetKeys(), Keys);
}
