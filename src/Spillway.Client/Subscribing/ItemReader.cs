using Spillway.Client.WebSockets;

namespace Spillway.Client.Subscribing;

/// <summary>Turns what one connection delivers into items.</summary>
internal sealed class ItemReader(HubConnection connection, StreamProgress progress)
{
    private const double KeepAlivesOfSilence = 2.5; // One may be late, one may be lost on a proxy's way; the third is missed.
    private const int MaxCursorLength = 128; // Twice the protocol's limit.

    private bool _draining;
    private long? _retryOfTransport;

    /// <summary>Whether the opening has come.</summary>
    public bool Opened { get; private set; }

    /// <summary>The next item; null once the connection is over.</summary>
    public async ValueTask<StreamItem?> ReadAsync()
    {
        while (await connection.ReadAsync().ConfigureAwait(false) is { } arrival)
        {
            NoteRetryOfTransport();
            if (Take(arrival) is { } item)
            {
                return item;
            }
        }

        NoteRetryOfTransport();
        return null;
    }

    /// <summary>What the connection's end looks like to the reader.</summary>
    public ConnectionEnd Explain(ConnectionEnd end) => _draining && end.Reason is DisconnectReason.StreamEnded or DisconnectReason.Drain or DisconnectReason.Network
        ? end with { Reason = DisconnectReason.Drain, Detail = "The hub asked to connect again: it stops, or the connection had lived long enough." }
        : end;

    private void NoteRetryOfTransport()
    {
        if (connection.Retry != _retryOfTransport)
        {
            _retryOfTransport = connection.Retry;
            NoteRetry(_retryOfTransport);
        }
    }

    private void NoteRetry(long? milliseconds)
    {
        if (milliseconds is >= 0 and { } named)
        {
            // A year is beyond every cap, and within what a TimeSpan holds.
            progress.Retry = TimeSpan.FromMilliseconds(Math.Min(named, (long)TimeSpan.FromDays(365).TotalMilliseconds));
        }
    }

    private StreamItem? Take(in Arrival arrival)
    {
        if (arrival.Id is { } id && (id.Length > MaxCursorLength || id.AsSpan().ContainsAnyExceptInRange('!', '~')))
        {
            throw new SpillwayException("The server named a position that is not a cursor; check that the address is a Spillway hub's.");
        }

        if (!Opened)
        {
            return TakeOpening(arrival);
        }

        switch (arrival.Kind)
        {
            case ArrivalKind.Signal:
                return TakeSignal(arrival);
            case ArrivalKind.Position:
                MoveTo(arrival);
                return null;
            default:
                return TakeEvent(arrival);
        }
    }

    private ConnectedNotice TakeOpening(in Arrival arrival)
    {
        if (arrival is not { Kind: ArrivalKind.Signal, Name: "open" })
        {
            throw new SpillwayException("The stream does not begin with spillway-open; check that the address is a Spillway hub's.");
        }

        var (connectionId, keepAlive) = BlockDecoder.DecodeOpening(arrival.Data);
        NoteRetry(BlockDecoder.DecodeRetry(arrival.Data));
        connection.SilenceLimit = keepAlive * KeepAlivesOfSilence;
        Opened = true;
        MoveTo(arrival);
        progress.Connected();
        return new ConnectedNotice(progress.Cursor) { ConnectionId = connectionId, KeepAlive = keepAlive, Reconnects = progress.Reconnects };
    }

    private StreamItem? TakeSignal(in Arrival arrival)
    {
        MoveTo(arrival);
        switch (arrival.Name)
        {
            case "gap":
                var gap = BlockDecoder.DecodeGap(progress.Cursor, arrival.Data);
                return progress.TryTell(gap) ? gap : null;
            case "slow":
                return new SlowNotice(progress.Cursor) { Backlog = BlockDecoder.DecodeBacklog(arrival.Data) };
            case "drain":
                _draining = true;
                NoteRetry(BlockDecoder.DecodeRetry(arrival.Data));
                return null;
            case "retry":
                NoteRetry(BlockDecoder.DecodeRetry(arrival.Data));
                return null;
            case "end":
                return new EndedNotice(progress.Cursor);
            default:
                return null; // A cursor, or a signal of a later version.
        }
    }

    private StreamItem? TakeEvent(in Arrival arrival)
    {
        if (arrival.Id is { } id && !progress.TryTake(id))
        {
            return null;
        }

        var before = progress.Cursor;
        MoveTo(arrival);
        if (arrival.Kind != ArrivalKind.Oversized)
        {
            return arrival.Kind == ArrivalKind.Event ? BlockDecoder.DecodeEvent(progress.Cursor, arrival.Data) : BinaryEvent.Decode(progress.Cursor, arrival.Data.Span);
        }

        ClientMetrics.OversizedEvents.Add(1);
        var gap = new GapNotice(progress.Cursor) { From = before, To = progress.Cursor, Reason = GapReason.Oversized, Count = 1, Exact = true };
        return progress.TryTell(gap) ? gap : null;
    }

    private void MoveTo(in Arrival arrival) => progress.Move(arrival.Id ?? "");
}
