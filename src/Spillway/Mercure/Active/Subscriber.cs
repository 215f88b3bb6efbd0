using Spillway.Access;
using Spillway.Transports;

namespace Spillway.Mercure.Active;

/// <summary>The lease of a connection whose subscriptions are listed and announced.</summary>
/// <param name="ticket">What allows it.</param>
/// <param name="entries">What it is subscribed to.</param>
/// <param name="book">Where it is listed.</param>
internal sealed class Subscriber(AccessTicket ticket, SubscriptionEntry[] entries, SubscriptionBook book) : AccessLease(ticket, asked: null)
{
    private volatile bool _isActive;

    /// <summary>Its name: the hub's own, one for each connection (U2).</summary>
    public string Id { get; } = $"urn:uuid:{Guid.NewGuid()}";

    public IReadOnlyList<SubscriptionEntry> Entries => entries;

    /// <summary>Whether the connection lives.</summary>
    public bool IsActive => _isActive;

    /// <summary>Whether the last that is told of it is that it lives. The announcer's alone.</summary>
    public bool IsAnnounced { get; set; }

    public override void Begun()
    {
        _isActive = true;
        book.Note(this);
    }

    public override void Ended()
    {
        _isActive = false;
        book.Note(this);
    }
}
