using System.Buffers;
using System.IO.Pipelines;
using Spillway.Delivery;

namespace Spillway.Transports.WebSocket;

/// <summary>Reads for a session what Kestrel gets from its client.</summary>
internal sealed class SessionReader(WebSocketSession session, PipeReader input, SessionContext context)
{
    private ClosingTail? _tail; // Once the client was faulty: its frames are not read any more.
    private MessageRate _rate;

    /// <summary>Reads until the client has closed or is gone. Never throws for what a client does.</summary>
    public async Task ReadAsync()
    {
        try
        {
            var hasClosed = false;
            while (!hasClosed)
            {
                var result = await input.ReadAsync();
                var rest = result.Buffer;
                while (!hasClosed && _tail is null && Next(ref rest) is not FrameEvent.None and var found)
                {
                    hasClosed = found == FrameEvent.Close;
                    var isInRate = found is not (FrameEvent.Message or FrameEvent.Ping or FrameEvent.Pong) || _rate.TryTake(context.Time, context.Options.MessagesPerSecond);
                    await session.TakeAsync(found, isInRate);
                    _tail = session.IsOver && !hasClosed ? new ClosingTail() : null;
                }

                if (_tail is not null)
                {
                    // What it goes on to send is read and forgotten: who ends a connection with bytes unread resets it, and the client may lose the close frame that says why.
                    hasClosed = _tail.Take(rest);
                    rest = rest.Slice(rest.End);
                }

                input.AdvanceTo(rest.Start, rest.End);
                if (!hasClosed && (result.IsCompleted || result.IsCanceled))
                {
                    await session.EndAsync(CloseReason.ClientClosed);
                    hasClosed = true;
                }
            }
        }
#pragma warning disable CA1031 // A connection that was reset throws in several ways; all mean the same.
        catch (Exception)
#pragma warning restore CA1031
        {
            await session.EndAsync(CloseReason.ClientClosed);
        }
    }

    private FrameEvent Next(ref ReadOnlySequence<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var span = buffer.FirstSpan;
            var length = span.Length;
            var found = session.Frames.Read(ref span);
            buffer = buffer.Slice(length - span.Length);
            if (found != FrameEvent.None)
            {
                return found;
            }
        }

        return FrameEvent.None;
    }
}
