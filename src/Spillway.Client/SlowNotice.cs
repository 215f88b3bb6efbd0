namespace Spillway.Client;

/// <summary>The hub says that this connection does not keep up; what it may lose from now on is told as a <see cref="GapNotice"/>.</summary>
public sealed record SlowNotice : StreamItem
{
    internal SlowNotice(string cursor)
        : base(cursor)
    {
    }

    /// <summary>Events that the connection is behind; null where the hub does not know: it reads them from history.</summary>
    public long? Backlog { get; init; }
}
