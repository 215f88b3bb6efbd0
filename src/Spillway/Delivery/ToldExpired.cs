using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Which events a connection was told to have expired, as long as it may not have passed them: all up to a place whose time had passed when that was told.</summary>
/// <param name="Slot">The place in the window; 0: only history was looked at.</param>
/// <param name="Time">Milliseconds since 1970: of what expires later, nothing was told yet.</param>
/// <param name="Cursor">The connection's when it was told.</param>
/// <param name="Recorded">How many of them behind that cursor history has; null: not known.</param>
internal readonly record struct ToldExpired(long Slot, long Offset, long Time, long Cursor, int? Recorded)
{
    /// <summary>Whether an event in the window is one of them.</summary>
    public bool Has(long slot, in SlotHeader header) => (slot <= Slot || (header.Offset <= Offset && (header.Flags & EventFlags.Ephemeral) == 0)) && header.Expires < Time;

    /// <summary>Whether an event of history is.</summary>
    public bool HasRecorded(long offset, long expires) => offset <= Offset && expires < Time;

    /// <summary>More was told. What reaches less far than before adds nothing: better told twice than never.</summary>
    public ToldExpired With(long slot, long offset, long time, long cursor, int recorded) => offset < Offset || slot < Slot
        ? this with { Recorded = null } : new(slot, offset, time, cursor, Offset <= cursor ? recorded : Cursor == cursor ? Recorded + recorded : null);

    /// <summary>How many of the recorded events of a stretch were not told before; null: not known.</summary>
    public long? CountUntold(long from, long to, long? count) =>
        Offset <= from ? count : Cursor == from && Offset <= to ? count - Recorded : null;
}
