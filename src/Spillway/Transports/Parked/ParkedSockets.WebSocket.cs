using Spillway.Delivery;
using Spillway.Transports.WebSocket;

namespace Spillway.Transports.Parked;

/// <summary>Frames of clients. Most say nothing but a pong every now and then, and nothing is kept of them.</summary>
internal sealed partial class ParkedSockets
{
    private static readonly TimeSpan LookForLate = TimeSpan.FromMilliseconds(DeliveryLoop.TickMilliseconds); // As for all deadlines.

    private long _lookedForLate;

    /// <summary>A client whose receipts are counted.</summary>
    private void Begin(int number, ref ParkedSocket socket, ReceiptGate receipts) =>
        _dialogues.Add(number, new ParkedDialogue(NewDialogue(number, socket, NewFrames(), receipts), isKept: true));

    /// <param name="number">The connection's.</param>
    /// <param name="socket">Its socket.</param>
    /// <param name="bytes">What has come.</param>
    /// <param name="kept">The same, where it is kept already: so that much of it is copied once, not with each message.</param>
    private void TakeFrames(int number, ref ParkedSocket socket, ReadOnlySpan<byte> bytes, ReadOnlyMemory<byte> kept)
    {
        while ((socket.Flags & ParkedFlags.Paused) == 0)
        {
            var known = _dialogues.GetValueOrDefault(number);
            var frames = known?.Dialogue.Frames ?? FramesOfOthers();
            var found = frames.Read(ref bytes);
            known?.Clock.Look(frames.IsBetween, _transport.Time);
            if (found == FrameEvent.None)
            {
                Keep(number, ref socket, known);
                return;
            }

            if (found == FrameEvent.Pong && IsInRate(ref socket))
            {
                Loop.Post(new LoopCommand(LoopCommandKind.Heard, number, socket.Generation));
                continue;
            }

            known ??= Remember(number, ref socket);
            known.Rest = kept.IsEmpty ? bytes.ToArray() : kept[^bytes.Length..];
            known.Paused = _transport.Time.GetTimestamp();
            socket.Flags |= ParkedFlags.Paused;
            var isInRate = found is FrameEvent.Close or FrameEvent.Fault || (found != FrameEvent.Pong && IsInRate(ref socket));
            _ = AnswerAsync(known.Dialogue, found, isInRate, KeyOf(number, socket.Generation));
        }
    }

    private bool IsInRate(ref ParkedSocket socket) => socket.Rate.TryTake(_transport.Time, _transport.Options.WebSocket.MessagesPerSecond);

    /// <summary>Not on the loop: reading a command, and finding its topics, takes as long as it takes.</summary>
    private async Task AnswerAsync(Dialogue dialogue, FrameEvent found, bool isInRate, ulong key)
    {
        try
        {
            await Task.Run(() => dialogue.TakeAsync(found, isInRate).AsTask());
        }
#pragma warning disable CA1031 // A command that breaks costs its connection, and is told.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _ = dialogue.EndAsync(CloseReason.Failed);
            _transport.CommandFailed(fault);
        }
        finally
        {
            ReadOn(key);
        }
    }

    /// <summary>What was under way is done.</summary>
    private void Resume(int number, ref ParkedSocket socket)
    {
        if ((socket.Flags & ParkedFlags.PeerGone) != 0 || !_dialogues.TryGetValue(number, out var known) || known.Dialogue.IsOver)
        {
            return; // Nothing it says matters any more: the loop ends it.
        }

        socket.Flags &= ~ParkedFlags.Paused;
        known.Clock.Spare(known.Paused, _transport.Time);
        if (EndIfLate(ref socket, known))
        {
            return; // Who asks all the time is never found idle by a look.
        }

        var rest = known.Rest;
        known.Rest = default;
        TakeFrames(number, ref socket, rest.Span, rest);
        Read(number, ref socket); // What came meanwhile was announced, and is announced no more.
    }

    /// <summary>All that has come was taken: what is not whole is kept with its client.</summary>
    private void Keep(int number, ref ParkedSocket socket, ParkedDialogue? known)
    {
        if (known is null && !_frames.IsBetween)
        {
            Remember(number, ref socket);
        }
        else if (known is { IsKept: false } && known.Dialogue.Frames.IsBetween)
        {
            _dialogues.Remove(number);
        }
    }

    /// <summary>Ends those that are late with the rest of what has come in part. Looked for a few times a second, among those that are in the midst of something.</summary>
    private void EndLate()
    {
        if (_dialogues.Count == 0 || _transport.Time.GetElapsedTime(_lookedForLate) < LookForLate)
        {
            return;
        }

        _lookedForLate = _transport.Time.GetTimestamp();
        foreach (var (number, known) in _dialogues)
        {
            ref var socket = ref _sockets[number];
            if ((socket.Flags & ParkedFlags.Paused) == 0)
            {
                EndIfLate(ref socket, known);
            }
        }
    }

    private bool EndIfLate(ref ParkedSocket socket, ParkedDialogue known)
    {
        if (!known.Clock.IsRunning || known.Clock.Left(_transport.Options.WebSocket.MessageTimeout, _transport.Time) > TimeSpan.Zero)
        {
            return false;
        }

        socket.Flags |= ParkedFlags.Paused; // For good.
        _ = known.Dialogue.TimeOutAsync().AsTask();
        return true;
    }

    /// <summary>The reader of those of which nothing is kept becomes this client's.</summary>
    private ParkedDialogue Remember(int number, ref ParkedSocket socket)
    {
        var known = new ParkedDialogue(NewDialogue(number, socket, _frames, null), isKept: false);
        known.Clock.Look(_frames.IsBetween, _transport.Time);
        _frames = NewFrames();
        _dialogues.Add(number, known);
        return known;
    }

    private Dialogue NewDialogue(int number, in ParkedSocket socket, FrameReader frames, ReceiptGate? receipts) =>
        new(Live(number, socket.Generation), frames, receipts, _transport.Dialogues);
}
