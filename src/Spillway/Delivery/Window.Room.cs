namespace Spillway.Delivery;

/// <summary>How long a slot will stay.</summary>
internal sealed partial class Window
{
    /// <summary>Whether half of the window's room was used since a slot was appended. Both slots are pinned.</summary>
    public bool IsInOlderHalf(long slot, long head)
    {
        if (head - slot >= _headers.Length / 2 || Header(head).LinksAt - Header(slot).LinksAt >= _links.Length / 2)
        {
            return true;
        }

        for (var i = 0; i < _arenas.Length; i++)
        {
            var newest = _places[i][head & _slotMask];
            if (newest.At + Math.Max(0, newest.Length) - _places[i][slot & _slotMask].At >= _arenas[i].Size / 2)
            {
                return true;
            }
        }

        return false;
    }
}
