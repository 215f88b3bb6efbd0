using System.Text;

namespace Spillway.Events;

/// <summary>A place in a hub's history: which history (epoch), and the number of the last event before the place (offset).</summary>
/// <remarks>A cursor is its text: format digit, epoch in base 36, "-", offset in base 36. Safe in a header, a URL and CORS.</remarks>
internal readonly record struct Position(ulong Epoch, long Offset)
{
    /// <summary>The most bytes <see cref="Format(Span{byte})"/> writes: 1 + 13 + 1 + 13.</summary>
    public const int MaxLength = 28;

    private const byte FormatDigit = (byte)'1';
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";

    /// <summary>Reads a cursor; what follows a dot (the number of an ephemeral event) is ignored.</summary>
    public static bool TryParse(ReadOnlySpan<char> cursor, out Position position)
    {
        position = default;
        var dot = cursor.IndexOf('.');
        if (dot >= 0)
        {
            if (!ulong.TryParse(cursor[(dot + 1)..], System.Globalization.NumberStyles.None, null, out _))
            {
                return false;
            }

            cursor = cursor[..dot];
        }

        var dash = cursor.IndexOf('-');
        if (dash < 2 || cursor[0] != FormatDigit
            || !TryParseBase36(cursor[1..dash], out var epoch)
            || !TryParseBase36(cursor[(dash + 1)..], out var offset) || offset > long.MaxValue)
        {
            return false;
        }

        position = new Position(epoch, (long)offset);
        return true;
    }

    /// <summary>Writes the cursor in ASCII and returns its length.</summary>
    public int Format(Span<byte> destination)
    {
        destination[0] = FormatDigit;
        var length = 1 + FormatBase36(Epoch, destination[1..]);
        destination[length++] = (byte)'-';
        return length + FormatOffset(Offset, destination[length..]);
    }

    /// <summary>Writes the part of a cursor that follows the dash, and returns its length.</summary>
    public static int FormatOffset(long offset, Span<byte> destination) => FormatBase36((ulong)offset, destination);

    /// <summary>An epoch as it stands in cursors.</summary>
    public static string NameOf(ulong epoch)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..FormatBase36(epoch, text)]);
    }

    /// <summary>The cursor.</summary>
    public override string ToString()
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(text[..Format(text)]);
    }

    private static int FormatBase36(ulong value, Span<byte> destination)
    {
        Span<byte> reversed = stackalloc byte[13];
        var length = 0;
        do
        {
            (value, var digit) = Math.DivRem(value, 36);
            reversed[length++] = (byte)Digits[(int)digit];
        }
        while (value > 0);

        for (var i = 0; i < length; i++)
        {
            destination[i] = reversed[length - 1 - i];
        }

        return length;
    }

    private static bool TryParseBase36(ReadOnlySpan<char> text, out ulong value)
    {
        value = 0;
        if (text.Length is 0 or > 13 || (text.Length > 1 && text[0] == '0'))
        {
            return false; // One spelling for each number: equal positions have equal cursors.
        }

        foreach (var c in text)
        {
            var digit = c is >= '0' and <= '9' ? c - '0' : c is >= 'a' and <= 'z' ? c - 'a' + 10 : -1;
            if (digit < 0)
            {
                return false;
            }

            var next = Math.BigMul(value, 36ul, out var low);
            if (next != 0 || low > ulong.MaxValue - (ulong)digit)
            {
                return false;
            }

            value = low + (ulong)digit;
        }

        return true;
    }
}
