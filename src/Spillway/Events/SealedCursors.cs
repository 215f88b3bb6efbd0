using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Spillway.Events;

/// <summary>
/// Cursors that nobody can read, make or compare without the key: the format digit 2 and one block of AES-128 in base 32. Of two that are no event's id, equality says nothing, either: each has a
/// number of its own in the block.
/// </summary>
/// <remarks>
/// The block, from its highest bit on: epoch (40 bits), offset (52), kind (4), number (32). There is no other check than that: of blocks that somebody made up, one of 2^43 has a kind and the
/// hub's epoch, and then stands for an offset that nobody chose.
/// </remarks>
internal sealed class SealedCursors : CursorCodec, IDisposable
{
    /// <summary>Bytes of the key.</summary>
    public const int KeyLength = 16;

    private const int TextLength = 1 + 26; // The format digit, and 128 bits.
    private const char FormatDigit = '2';
    private const int EpochBits = 40;
    private const int OffsetBits = 52;
    private const ulong Event = 0; // The id of one: its number is 0, of an ephemeral event its own.
    private const ulong Place = 1;

    private readonly ThreadLocal<CursorCipher> _ciphers;
    private uint _places = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint))); // Not that of the process before.

    /// <param name="key">What is known to this hub alone, and to those that go on with its history.</param>
    public SealedCursors(ReadOnlySpan<byte> key)
    {
        var own = key.ToArray();
        _ciphers = new ThreadLocal<CursorCipher>(() => new CursorCipher(own));
    }

    public override bool AreSealed => true;

    /// <summary>Whether a text has the form of such a cursor: one spelling for each block.</summary>
    public static new bool HasForm(ReadOnlySpan<char> text)
    {
        if (text.Length != TextLength || text[0] != FormatDigit || text[1] > '7') // 26 digits have room for 130 bits.
        {
            return false;
        }

        foreach (var digit in text[1..])
        {
            if (digit is not (>= '0' and <= '9' or >= 'a' and <= 'v'))
            {
                return false;
            }
        }

        return true;
    }

    public override int FormatEvent(in EventRecord record, ulong epoch, Span<byte> into) =>
        Format(new Position(epoch, record.Offset), Event, (record.Flags & EventFlags.Ephemeral) != 0 ? record.EphemeralNumber : 0, into);

    public override int FormatEvent(Position position, uint number, Span<byte> into) => Format(position, Event, number, into);

    public override int FormatPlace(Position place, Span<byte> into) => Format(place, Place, Interlocked.Increment(ref _places), into);

    public override Position Read(ReadOnlySpan<char> cursor) => TryOpen(cursor, out var position, out var kind, out _) && kind is Event or Place ? position : default;

    public override Position ReadTrusted(ReadOnlySpan<char> cursor) => Position.TryParse(cursor, out var position) ? position : Read(cursor);

    public override bool TryReadEvent(ReadOnlySpan<char> id, out Position position, out uint number) => TryOpen(id, out position, out var kind, out number) && kind == Event;

    public void Dispose() => _ciphers.Dispose();

    private int Format(Position position, ulong kind, uint number, Span<byte> into)
    {
        Span<byte> block = stackalloc byte[CursorCipher.BlockLength];
        var offset = (ulong)position.Offset & ((1UL << OffsetBits) - 1);
        BinaryPrimitives.WriteUInt64BigEndian(block, (position.Epoch << (64 - EpochBits)) | (offset >> (EpochBits + OffsetBits - 64)));
        BinaryPrimitives.WriteUInt64BigEndian(block[8..], (offset << (128 - EpochBits - OffsetBits)) | (kind << 32) | number);
        _ciphers.Value!.Encrypt(block);
        var (high, low) = (BinaryPrimitives.ReadUInt64BigEndian(block), BinaryPrimitives.ReadUInt64BigEndian(block[8..]));
        into[0] = (byte)FormatDigit;
        WriteDigits(low, into[15..TextLength]); // 12 digits are 60 bits.
        WriteDigits((high << 4) | (low >> 60), into[3..15]);
        WriteDigits(high >> 56, into[1..3]);
        return TextLength;
    }

    private bool TryOpen(ReadOnlySpan<char> text, out Position position, out ulong kind, out uint number)
    {
        (position, kind, number) = (default, 0, 0);
        if (!HasForm(text))
        {
            return false;
        }

        var (top, middle, bottom) = (ReadDigits(text[1..3]), ReadDigits(text[3..15]), ReadDigits(text[15..]));
        Span<byte> block = stackalloc byte[CursorCipher.BlockLength];
        BinaryPrimitives.WriteUInt64BigEndian(block, (top << 56) | (middle >> 4));
        BinaryPrimitives.WriteUInt64BigEndian(block[8..], (middle << 60) | bottom);
        _ciphers.Value!.Decrypt(block);
        var (high, low) = (BinaryPrimitives.ReadUInt64BigEndian(block), BinaryPrimitives.ReadUInt64BigEndian(block[8..]));
        var offset = ((high << (EpochBits + OffsetBits - 64)) | (low >> (128 - EpochBits - OffsetBits))) & ((1UL << OffsetBits) - 1);
        (position, kind, number) = (new Position(high >> (64 - EpochBits), (long)offset), (low >> 32) & 15, (uint)low);
        return true;
    }

    private static void WriteDigits(ulong value, Span<byte> into)
    {
        for (var i = into.Length - 1; i >= 0; i--)
        {
            into[i] = "0123456789abcdefghijklmnopqrstuv"u8[(int)(value & 31)];
            value >>= 5;
        }
    }

    private static ulong ReadDigits(ReadOnlySpan<char> text)
    {
        var value = 0UL;
        foreach (var digit in text)
        {
            value = (value << 5) | (uint)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
        }

        return value;
    }
}
