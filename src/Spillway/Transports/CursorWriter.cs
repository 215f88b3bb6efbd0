using System.Globalization;
using Spillway.Events;

namespace Spillway.Transports;

/// <summary>Writes events' cursors: what all of an epoch share is formatted once. Any thread.</summary>
internal sealed class CursorWriter
{
    private Prefix _prefix = new(0);

    /// <summary>The most bytes of an id.</summary>
    public const int MaxLength = Position.MaxLength + 11;

    /// <summary>Writes an event's id: its cursor and, of an ephemeral one, its number behind that.</summary>
    public void WriteId(in EventRecord record, ulong epoch, ref BlockWriter block) => block.Advance(FormatId(record, epoch, block.Reserve(MaxLength)));

    /// <summary>The same into <see cref="MaxLength"/> bytes; returns how many it takes.</summary>
    public int FormatId(in EventRecord record, ulong epoch, Span<byte> into)
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
