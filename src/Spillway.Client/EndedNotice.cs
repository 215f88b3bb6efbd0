namespace Spillway.Client;

/// <summary>All topics of the subscription have ended, and everything was handed out. It is the last item.</summary>
public sealed record EndedNotice : StreamItem
{
    internal EndedNotice(string cursor)
        : base(cursor)
    {
    }
}
