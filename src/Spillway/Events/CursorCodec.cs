using System.Text;

namespace Spillway.Events;

/// <summary>Makes of positions and events' ids the text that publishers and subscribers see, and reads it. Any thread.</summary>
/// <remarks>An event's id is the same whenever it is written. Every other cursor names a place in history, and need not be written the same way twice.</remarks>
internal abstract class CursorCodec
{
    /// <summary>The most bytes of a cursor or an id: a hash, the position of an ephemeral event in plain text, a dot and its number.</summary>
    public const int MaxLength = 1 + Position.MaxLength + 11;

    /// <summary>That of a hub whose cursors anybody may read.</summary>
    public static CursorCodec Plain { get; } = new PlainCursors();

    /// <summary>Whether cursors tell nothing to who compares them; then what is said of the hub's head must not depend on what others publish, either.</summary>
    public abstract bool AreSealed { get; }

    /// <summary>Whether a text has the form of a cursor, of this hub or of any other.</summary>
    public static bool HasForm(ReadOnlySpan<char> text) => Position.TryParse(text, out _) || SealedCursors.HasForm(text);

    /// <summary>Writes the id of an event into <see cref="MaxLength"/> bytes, and returns its length.</summary>
    public abstract int FormatEvent(in EventRecord record, ulong epoch, Span<byte> into);

    /// <summary>The same of an event of which only the place is at hand, and its number where it is an ephemeral one.</summary>
    public abstract int FormatEvent(Position position, uint number, Span<byte> into);

    /// <summary>Writes a cursor that is no event's id into <see cref="MaxLength"/> bytes, and returns its length.</summary>
    public abstract int FormatPlace(Position place, Span<byte> into);

    /// <summary>The position that a cursor of a client's stands for; that of no history, the default, where this hub did not make it.</summary>
    public abstract Position Read(ReadOnlySpan<char> cursor);

    /// <summary>As <see cref="Read"/>, for who may know positions: a plain cursor counts in any case.</summary>
    public virtual Position ReadTrusted(ReadOnlySpan<char> cursor) => Read(cursor);

    /// <summary>Reads an event's id: its position and, of an ephemeral one, its number, else 0.</summary>
    public abstract bool TryReadEvent(ReadOnlySpan<char> id, out Position position, out uint number);

    /// <summary>The cursor of a place, as text.</summary>
    public string TextOf(Position place)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..FormatPlace(place, text)]);
    }

    /// <summary>An event's id, as text.</summary>
    public string TextOf(in EventRecord record, ulong epoch)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..FormatEvent(record, epoch, text)]);
    }
}
