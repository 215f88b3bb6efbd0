namespace Spillway.Client.Subscribing;

/// <summary>What a subscription keeps from one connection to the next.</summary>
internal sealed class StreamProgress(int rememberedIds)
{
    private long _reconnects;
    private long _duplicates;
    private long _gaps;
    private bool _connectedBefore;

    /// <summary>The position the hub last named; empty before.</summary>
    public string Cursor { get; private set; } = "";

    /// <summary>The least time to stay away that the hub last named.</summary>
    public TimeSpan Retry { get; set; }

    public long Reconnects => Volatile.Read(ref _reconnects);

    public long Duplicates => Volatile.Read(ref _duplicates);

    public long Gaps => Volatile.Read(ref _gaps);

    private RecentIds Recent { get; } = new(rememberedIds);

    private GapNotice? LastGap { get; set; }

    public void Connected()
    {
        if (_connectedBefore)
        {
            Interlocked.Increment(ref _reconnects);
            ClientMetrics.Reconnects.Add(1);
        }

        _connectedBefore = true;
    }

    public void Move(string cursor)
    {
        if (cursor.Length > 0)
        {
            Cursor = cursor;
        }
    }

    /// <summary>
    /// False for an event that was handed out before. An ephemeral event's id (<c>cursor.n</c>) is not looked at: such an event is never replayed, and a hub that restarts counts n anew.
    /// </summary>
    public bool TryTake(string id)
    {
        LastGap = null;
        if (id.Contains('.') || Recent.TryAdd(id))
        {
            return true;
        }

        Interlocked.Increment(ref _duplicates);
        ClientMetrics.DuplicateEvents.Add(1);
        return false;
    }

    /// <summary>False for a gap that was told just before: one told last on a connection that broke is told again on the next.</summary>
    public bool TryTell(GapNotice gap)
    {
        if (gap == LastGap)
        {
            return false;
        }

        LastGap = gap;
        Interlocked.Increment(ref _gaps);
        ClientMetrics.Gaps.Add(1);
        return true;
    }
}
