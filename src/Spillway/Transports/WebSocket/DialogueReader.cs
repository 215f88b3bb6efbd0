using System.Buffers;
using System.IO.Pipelines;
using Spillway.Delivery;

namespace Spillway.Transports.WebSocket;

/// <summary>Reads for a dialogue what Kestrel gets from its client.</summary>
internal sealed class DialogueReader(Dialogue dialogue, PipeReader input, DialogueContext context)
{
    private ClosingTail? _tail; // Once the client was faulty: its frames are not read any more.
    private MessageRate _rate;
    private MessageClock _clock;

    /// <summary>Reads until the client has closed or is gone. Never throws for what a client does.</summary>
    public async Task ReadAsync()
    {
        try
        {
            while (await ReceiveAsync() is { } result)
            {
                var (rest, hasClosed) = await TakeAsync(result.Buffer);
                input.AdvanceTo(rest.Start, rest.End);
                if (hasClosed)
                {
                    return;
                }

                if (result.IsCompleted || result.IsCanceled)
                {
                    break;
                }
            }

            await dialogue.EndAsync(CloseReason.ClientClosed);
        }
#pragma warning disable CA1031 // What breaks here over what a client sent costs its connection, and is told.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            await dialogue.EndAsync(CloseReason.Failed);
            context.CommandFailed(fault);
        }
    }

    /// <summary>What comes next; null: the connection was reset. A client in the midst of a message is waited for so long only.</summary>
    private async ValueTask<ReadResult?> ReceiveAsync()
    {
        try
        {
            var receiving = input.ReadAsync();
            if (!_clock.IsRunning)
            {
                return await receiving;
            }

            var result = receiving.AsTask();
            var left = _clock.Left(context.Options.MessageTimeout, context.Time);
            if (left == TimeSpan.Zero || !await IsInTimeAsync(result, left)) // Also where bytes have come: pings may come all the time.
            {
                await dialogue.TimeOutAsync();
                (_tail, _clock) = (new ClosingTail(), default);
            }

            return await result;
        }
#pragma warning disable CA1031 // A connection that was reset throws in several ways; all mean the same.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private async Task<bool> IsInTimeAsync(Task receiving, TimeSpan left)
    {
        try
        {
            await receiving.WaitAsync(left, context.Time);
        }
        catch (TimeoutException) when (!receiving.IsCompleted)
        {
            return false;
        }

        return true;
    }

    private async ValueTask<(ReadOnlySequence<byte> Left, bool HasClosed)> TakeAsync(ReadOnlySequence<byte> rest)
    {
        while (_tail is null && Next(ref rest) is not FrameEvent.None and var found)
        {
            var isInRate = found is not (FrameEvent.Message or FrameEvent.Ping or FrameEvent.Pong) || _rate.TryTake(context.Time, context.Options.MessagesPerSecond);
            var began = context.Time.GetTimestamp();
            await dialogue.TakeAsync(found, isInRate);
            _clock.Spare(began, context.Time);
            if (found == FrameEvent.Close)
            {
                return (rest, true);
            }

            _tail = dialogue.IsOver ? new ClosingTail() : null;
        }

        // What a faulty client goes on to send is read and forgotten: who ends a connection with bytes unread resets it, and the client may lose the close frame that says why.
        return _tail is null ? (rest, false) : (rest.Slice(rest.End), _tail.Take(rest));
    }

    private FrameEvent Next(ref ReadOnlySequence<byte> buffer)
    {
        var found = FrameEvent.None;
        while (!buffer.IsEmpty && found == FrameEvent.None)
        {
            var span = buffer.FirstSpan;
            var length = span.Length;
            found = dialogue.Frames.Read(ref span);
            buffer = buffer.Slice(length - span.Length);
        }

        _clock.Look(dialogue.Frames.IsBetween, context.Time);
        return found;
    }
}
