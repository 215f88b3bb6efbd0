namespace Spillway.Client;

/// <summary>The hub has accepted the subscription; the stream goes on from <see cref="StreamItem.Cursor"/>.</summary>
public sealed record ConnectedNotice : StreamItem
{
    internal ConnectedNotice(string cursor)
        : base(cursor)
    {
    }

    /// <summary>The hub's name for the connection, as it stands in the hub's logs; empty for <see cref="Transport.LongPolling"/>, where every request is one of its own.</summary>
    public string ConnectionId { get; init; } = "";

    /// <summary>
    /// A quiet connection gets a few bytes after this time; after two and a half times as long without any it is given up. A poll waits this long; after one and a half times as long without an answer
    /// it is given up.
    /// </summary>
    public TimeSpan KeepAlive { get; init; }

    /// <summary>How often the stream has been connected again: 0 for its first connection.</summary>
    public long Reconnects { get; init; }
}
