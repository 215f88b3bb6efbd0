using System.Globalization;

namespace Spillway.Events;

/// <summary>Cursors that are the text of a <see cref="Position"/>; of an ephemeral event with its number behind a dot.</summary>
internal sealed class PlainCursors : CursorCodec
{
    private Prefix _prefix = new(0);

    public override bool AreSealed => false;

    public override int FormatEvent(in EventRecord record, ulong epoch, Span<byte> into)
    {
        var prefix = _prefix;
        if (prefix.Epoch != epoch)
        {
            _prefix = prefix = new Prefix(epoch); // Once in a hub's life. Two threads may both do it; either result is right.
        }

        prefix.Text.CopyTo(into);
        var length = prefix.Text.Length;
        length += Position.FormatOffset(record.Offset, into[length..]);
        if ((record.Flags & EventFlags.Ephemeral) != 0)
        {
            into[length++] = (byte)'.';
            record.EphemeralNumber.TryFormat(into[length..], out var digits, default, CultureInfo.InvariantCulture);
            length += digits;
        }

        return length;
    }

    public override int FormatEvent(Position position, uint number, Span<byte> into)
    {
        var length = position.Format(into);
        if (number > 0)
        {
            into[length++] = (byte)'.';
            number.TryFormat(into[length..], out var digits, default, CultureInfo.InvariantCulture);
            length += digits;
        }

        return length;
    }

    public override int FormatPlace(Position place, Span<byte> into) => place.Format(into);

    public override Position Read(ReadOnlySpan<char> cursor) => Position.TryParse(cursor, out var position) ? position : default;

    public override bool TryReadEvent(ReadOnlySpan<char> id, out Position position, out uint number)
    {
        number = 0;
        return Position.TryParse(id, out position)
            && (id.IndexOf('.') is not (>= 0 and var dot) || (uint.TryParse(id[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0));
    }

    /// <summary>The part of a cursor that all events of an epoch share: half the work of an id.</summary>
    private sealed class Prefix
    {
        public Prefix(ulong epoch)
        {
            Span<byte> text = stackalloc byte[Position.MaxLength];
            Epoch = epoch;
            Text = text[..(new Position(epoch, 0).Format(text) - 1)].ToArray(); // Without the offset 0.
        }

        public ulong Epoch { get; }

        public byte[] Text { get; }
    }
}
