using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Subscribers say what they have processed: of all that they say the event's place alone is believed, and looked up.</summary>
internal sealed partial class DeliveryLoop
{
    private void Take(ReceiptAsk ask)
    {
        var (connection, generation) = ask.Connection.Place;
        ask.TrySetResult(_connections.IsCurrent(connection, generation) ? Find(_connections[connection], ask.Position, ask.Ephemeral) : new Receipt(ReceiptOutcome.NotSent));
    }

    private Receipt Find(in HotConnection hot, Position position, uint ephemeral)
    {
        var head = _context.Window.Head;
        if (position.Epoch != _context.Epoch || position.Offset > hot.Offset)
        {
            return new Receipt(ReceiptOutcome.NotSent); // Its cursor is never behind what it was sent.
        }

        if (_pinnedTail > head || !_context.Window.TryFindSlot(position.Offset, beforeEphemeral: true, _pinnedTail, head, out var slot))
        {
            return new Receipt(ReceiptOutcome.LeftWindow);
        }

        if (ephemeral > 0 && !TryFindEphemeral(position.Offset, ephemeral, slot + 1, head, ref slot))
        {
            return new Receipt(slot < _pinnedTail ? ReceiptOutcome.LeftWindow : ReceiptOutcome.NotSent);
        }

        if (slot < _pinnedTail)
        {
            return new Receipt(ReceiptOutcome.LeftWindow);
        }

        ref var header = ref _context.Window.Header(slot);
        if (header.Offset != position.Offset || (hot.State == ConnectionState.Live && slot > hot.Slot) || !_gatherer.IsFor(slot, _feeds[hot.Feed]))
        {
            return new Receipt(ReceiptOutcome.NotSent);
        }

        var age = _context.Clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(new EventRecord(_context.Window.Record(slot)).Time);
        return new Receipt(ReceiptOutcome.Found, age < TimeSpan.Zero ? TimeSpan.Zero : age); // A clock may be set back.
    }

    /// <summary>Those behind one offset are numbered without a hole. <paramref name="first"/>: the slot of the oldest one kept, if there is one. False with a slot below the tail: it has left the window.</summary>
    private bool TryFindEphemeral(long offset, uint number, long first, long head, ref long slot)
    {
        if (!IsEphemeral(first, head, offset))
        {
            return false;
        }

        var oldest = new EventRecord(_context.Window.Record(first)).EphemeralNumber;
        if (number < oldest)
        {
            slot = 0;
            return false;
        }

        slot = first + (number - oldest);
        return IsEphemeral(slot, head, offset);
    }

    private bool IsEphemeral(long slot, long head, long offset) =>
        slot >= _pinnedTail && slot <= head && _context.Window.Header(slot) is var header && header.Offset == offset && (header.Flags & EventFlags.Ephemeral) != 0;
}
