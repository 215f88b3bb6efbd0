namespace Spillway.Access;

/// <summary>Credentials that were taken back.</summary>
/// <param name="Kind">By what.</param>
/// <param name="Name">The subject, or the token's id.</param>
/// <param name="At">When. Of a subject, credentials made later are good.</param>
/// <param name="Until">Until when this is to be known; null: for good.</param>
internal sealed record Revocation(RevocationKind Kind, string Name, DateTimeOffset At, DateTimeOffset? Until)
{
    public bool IsOver(DateTimeOffset now) => now >= Until;

    /// <summary>Whether it is meant by this. Tokens say in whole seconds when they were made, so one made within the same second counts as made before.</summary>
    public bool Means(AccessTicket ticket) => Kind == RevocationKind.Token || ticket.Issued is not { } made || made <= At;
}
