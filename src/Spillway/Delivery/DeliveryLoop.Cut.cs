using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Events of which only a part is sent.</summary>
internal sealed partial class DeliveryLoop
{
    /// <summary>Part of an event is sent. What history keeps is read again; an ephemeral event's rest is copied aside.</summary>
    private void Cut(int connection, ref HotConnection hot, long slot, int sent)
    {
        if (sent == 0)
        {
            return;
        }

        ref var header = ref _context.Window.Header(slot);
        if ((header.Flags & EventFlags.Ephemeral) != 0)
        {
            hot.Slot = slot;
            hot.Offset = Math.Max(hot.Offset, header.Offset);
            hot.Passed++;
            Counters.Delivered++;
            KeepRest(connection, ref hot, _gatherer.Encoded(slot, hot.Format)[sent..]);
            return;
        }

        // All before it is sent, told as a gap, or not wanted: whoever reads the rest from history begins right before it.
        hot.Slot = Math.Max(hot.Slot, slot - 1);
        hot.Offset = Math.Max(hot.Offset, header.Offset - 1);
        hot.CutSlot = slot;
        hot.Skip = sent;
    }

    /// <summary>Sends what is left of a cut event or of bytes copied aside; true if a block may begin now.</summary>
    private bool FinishCut(int connection, ref HotConnection hot)
    {
        if ((hot.Flags & ConnectionFlags.Rest) != 0 && !SendRest(connection, ref hot))
        {
            return false;
        }

        if (hot.Skip == 0)
        {
            return true;
        }

        if (hot.CutSlot < _pinnedTail)
        {
            BeginReplay(connection, ref hot); // The same event comes again from history, byte for byte.
            return false;
        }

        var bytes = _gatherer.Encoded(hot.CutSlot, hot.Format);
        var taken = _sink.Send(connection, bytes[hot.Skip..], out var ready);
        if (taken < 0)
        {
            Close(connection, CloseReason.ClientClosed);
            return false;
        }

        Sent(ref hot, taken);
        hot.Wrote = (uint)_now;
        hot.Skip += taken;
        if (hot.Skip == bytes.Length)
        {
            hot.Slot = hot.CutSlot;
            hot.Offset = Math.Max(hot.Offset, _context.Window.Header(hot.Slot).Offset);
            hot.Passed++;
            hot.Skip = 0;
            Counters.Delivered++;
        }
        else
        {
            ready = false;
        }

        if (!ready)
        {
            FallBehind(connection, ref hot);
        }

        return ready;
    }
}
