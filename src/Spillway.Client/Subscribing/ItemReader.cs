using Spillway.Client.Sse;

namespace Spillway.Client.Subscribing;

/// <summary>Turns one connection's blocks into items.</summary>
internal sealed class ItemReader(HubConnection connection, StreamProgress progress)
{
    private const double KeepAlivesOfSilence = 2.5; // One may be late, one may be lost on a proxy's way; the third is missed.
    private const int MaxCursorLength = 128; // Twice the protocol's limit.

    private bool _draining;

    /// <summary>Whether the opening block has come.</summary>
    public bool Opened { get; private set; }

    /// <summary>The next item; null once the connection is over.</summary>
    public async ValueTask<StreamItem?> ReadAsync()
    {
        while (await connection.ReadAsync().ConfigureAwait(false) is { } block)
        {
            NoteRetry();
            if (Take(block) is { } item)
            {
                return item;
            }
        }

        NoteRetry();
        return null;
    }

    /// <summary>What the connection's end looks like to the reader.</summary>
    public ConnectionEnd Explain(ConnectionEnd end) => _draining && end.Reason is DisconnectReason.StreamEnded
        ? new ConnectionEnd(DisconnectReason.Drain, "The hub asked to connect again: it stops, or the connection had lived long enough.")
        : end;

    private void NoteRetry()
    {
        if (connection.Retry is { } milliseconds)
        {
            // A year is beyond every cap, and within what a TimeSpan holds.
            progress.Retry = TimeSpan.FromMilliseconds(Math.Min(milliseconds, (long)TimeSpan.FromDays(365).TotalMilliseconds));
        }
    }

    private StreamItem? Take(in SseBlock block)
    {
        if (block.HasId && (block.Id.Length > MaxCursorLength || block.Id.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            throw new SpillwayException("The server named a position that is not a cursor; check that the address is a Spillway hub's.");
        }

        if (!Opened)
        {
            return TakeOpening(block);
        }

        return block.Type.StartsWith("spillway-", StringComparison.Ordinal) ? TakeSignal(block) : TakeEvent(block);
    }

    private ConnectedNotice TakeOpening(in SseBlock block)
    {
        if (block.Type != "spillway-open")
        {
            throw new SpillwayException("The stream does not begin with spillway-open; check that the address is a Spillway hub's.");
        }

        var (connectionId, keepAlive) = BlockDecoder.DecodeOpening(block.Data);
        connection.SilenceLimit = keepAlive * KeepAlivesOfSilence;
        Opened = true;
        MoveTo(block);
        progress.Connected();
        return new ConnectedNotice(progress.Cursor) { ConnectionId = connectionId, KeepAlive = keepAlive, Reconnects = progress.Reconnects };
    }

    private StreamItem? TakeSignal(in SseBlock block)
    {
        MoveTo(block);
        switch (block.Type)
        {
            case "spillway-gap":
                var gap = BlockDecoder.DecodeGap(progress.Cursor, block.Data);
                return progress.TryTell(gap) ? gap : null;
            case "spillway-slow":
                return new SlowNotice(progress.Cursor) { Backlog = BlockDecoder.DecodeBacklog(block.Data) };
            case "spillway-drain":
                _draining = true; // Its delay came as the block's retry line.
                return null;
            case "spillway-end":
                return new EndedNotice(progress.Cursor);
            default:
                return null; // A cursor, or a signal of a later version.
        }
    }

    private StreamItem? TakeEvent(in SseBlock block)
    {
        var happened = block.HasData || block.Oversized; // Without either the block moves the cursor and nothing else.
        if (happened && block is { HasId: true, Id.Length: > 0 } && !progress.TryTake(block.Id))
        {
            return null;
        }

        var before = progress.Cursor;
        MoveTo(block);
        if (!block.Oversized)
        {
            return happened ? BlockDecoder.DecodeEvent(progress.Cursor, block.Data) : null;
        }

        ClientMetrics.OversizedEvents.Add(1);
        var gap = new GapNotice(progress.Cursor) { From = before, To = progress.Cursor, Reason = GapReason.Oversized, Count = 1, Exact = true };
        return progress.TryTell(gap) ? gap : null;
    }

    private void MoveTo(in SseBlock block)
    {
        if (block.HasId)
        {
            progress.Move(block.Id);
        }
    }
}
