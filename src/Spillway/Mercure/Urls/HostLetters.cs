using System.Globalization;
using System.Text;

namespace Spillway.Mercure.Urls;

/// <summary>
/// The letters, digits and signs of which it is certain how a host is written with them: what UTS 46 maps to itself or to its lower case, and what no
/// normalisation changes, whatever stands beside it. A host with another one is refused: no data of Unicode is at hand that would say what it becomes.
/// </summary>
internal static class HostLetters
{
    // Of Unicode 14 to 16: gaps and lengths in base 36, beginning behind U+0080: what UTS 46 maps to itself or to its lower case, is in form C, and is
    // never the second half of a composed character. UrlOracleTests compares every code point with another implementation.
    private const string Ranges = """
        x 6 2 0 2 1 2 0 2 1 5 1 4 0 4 34 2 0 3 a 3 7 2 1g 2 1v a z 4 57 a u 7 1 6 q 6 0 8 1 2 0 2 0 3 5 2 6 7 3 3 0 3 5 2 6 7 8 2 z 2 2 4 2 2 0 7 0 2 2 2 0 2 j 2 18 8 o 4 1 2 2 2 3x 3
        1h 2 32 2 11 3 19 2 2 3 2 2 y 2 1 4 1 2 1 2 0 3 4 9 q 5 5 i l 2 1h 4 u 5 2r 2 1b 3 1m 3 2s f 1m 3 1c 3 e 2 r 3 0 2 a 6 u a 21 2 2g 2 q 9 z 2 7 3 1 3 l 2 6 2 0 4 3 4 0 2 5 3 1
        3 3 i 3 3 o 3 2 2 5 5 1 3 l 2 6 2 0 3 0 3 1 5 4 5 1 3 2 4 0 b 0 a g b 2 2 8 2 2 2 l 2 6 2 1 2 4 3 9 2 2 2 2 3 0 g 3 3 b 8 6 2 2 2 7 3 1 3 l 2 6 2 1 2 4 4 0 2 5 3 1 3 2 8 0 a 4
        3 h b 1 2 5 4 2 2 3 4 1 2 0 2 1 4 1 4 2 4 b 6 3 4 2 2 3 3 0 m k 6 c 2 2 2 m 2 f 3 8 2 2 2 3 8 0 3 2 3 0 3 3 3 9 8 l 2 2 2 m 2 9 2 4 3 5 2 1 2 2 2 3 g 1 2 3 3 9 2 2 d c 2 2 2
        17 2 5 2 2 2 5 5 2 2 b 3 p 2 2 2 h 4 n 2 8 2 0 3 6 a 4 2 0 2 6 8 9 3 2 d 1d 2 6 5 s 12 1 2 0 2 4 2 n 2 0 2 b 2 9 3 4 2 0 2 6 2 9 5 1 x b 2 1h 2 3 2 3 2 3 2 3 2 3 2 b 2 2 5 0 9
        5 3 g 2 3 2 3 2 3 2 3 2 3 2 7 2 0 2 0 2 2 2 e 2 c 12 19 2 34 14 0 6 0 3 17 2 2p o 1d s 3p 2 3 3 6 2 0 2 3 3 14 2 3 3 w 2 3 3 6 2 0 2 3 3 e 2 1k 2 3 3 1u 3 v 4 p 7 2d b hr 2 r
        4 2g 8 k b k 2 1 a j d c 2 2 2 1 d 1f 3 13 3 9 7 9 7 5 2 3 6 9 7 2g 8 16 6 1x b u 2 b 5 b 5 0 4 15 3 4 c 17 5 p 7 a 4 1p 3 1s 2 s 3 a 7 9 7 d 3 d 2 f 1e 1g 2 d 2 7 4 1a 2 15 2
        1y b 1n 4 e 4 1e h 16 3 a 9 16 6 17 4 0 c 0 j 0 t c 2 x 12 61 3 1 2 3a 3 5 3 11 3 5 3 7 2 0 2 0 2 0 2 h 2 0 2 0 2 0 2 0 2 0 2 0 1g 1 5 0 2 2 c 0 2 0 2 0 6 2 4 4 6 2 2 6 2 0 a
        0 2 0 2 0 m 0 2 4 2 b 4 0 9 2 3 0 3 3 2 0 2 7 4 c 2 6 1u 7 2 n g c 5 0 4 b k 0 4 0 c 0 3 1 6 1 4 0 2 2 2 0 2 0 3 0 c 0 7 3 6 5 1d 2 2 4 2 1 5 4b 3 0 3 6v 3 6z q a 4h 10g 2 2u
        4 2s 2 46 3 v 2 6c 3 39 6 18 2 0 6 0 3 1j 9 0 f n a 6 2 6 2 6 2 6 2 6 2 6 2 6 2 6 2 3h z p 2 3 2 2a 7j 0 2 16 3 5 2 0 4 4 2 2d 7 1 2 2m 7 16 2p 1 f 1v d f 21 7 1c 0 ap m8c 4
        1i a 9n l 1b 4 14 3 2h 9 33 2 2h 6 1 2 0 2 4 s 2 3 1e 4 9 7 1j 9 1x 9 b 7 36 d t 4 1r 2 c 2 a 5 w 2 1i a d 3 9 3 2u p r b 5 3 5 3 5 a 6 2 6 2 17 5 8 2 1 2d 19 3 9 7 8mb d m 5
        1c 6qb 1 2 0 2 1 b 0 2 0 2 1 3 2 6t 0 44 g ak h 3k 0 1a 2 x f m 1 19 0 b1 b 2 p 2 i 2 1 2 e 3 d z 3e 6 2 5 18 4 2f 2 c 4 0 1c 19 3n s 4 1c g r 5 z a t 6 16 6 t 2 10 5 d 17 4d
        3 9 7 z 5 z 5 13 9 1f c b 2 e 2 6 2 1 2 a 2 e 2 6 2 1 1w 8m a l b 7 p 0 3k 5 3 0 2 17 2 1 4 0 3 m 2 1z 9 8 1d i 2 1 6 w 4 q 6 0 1t 1j 5 j 3 1d 2 1 6 7 2 2 2 s 3 2 5 9 8 8 8 1r
        x 12 5 b a 1h 4 s 3 q 6 p 8 3 d 6 29 20 1k 1e e 1e 8 19 9 9 87 u 2 15 2 2 3 1 24 16 9 15 n p 13 r l m a 25 5 z a 1m 2 1 2 4 e o 8 9 7 12 2 c 2 h 9 12 a 1r 2 u 2 j c h 2 x 2 b
        1r 6 2 0 2 3 2 e 2 a 7 1m 6 9 7 3 2 7 3 1 3 l 2 6 2 1 2 4 2 2 2 5 3 1 3 1 4 0 d 6 3 6 4 4 3w 2j 2 4 v 1b 2 8 2 1 2 9 9 9 4n 1a 2 5 3 11 z 1w c 9 7 c k 1h 2 2 7 9 1j q 3 e 5 m
        56 1n 2t 2a d 7 3 0 3 7 2 1 2 n 2 4 2 1 3 1 2 8 a 9 1z 7 3 19 3 a s 1z 9 2a e 20 8 9 6v 8 2 18 2 d b s 4 v 3 l 2 d 22 6 2 1 2 17 4 0 2 1 2 8 9 9 7 5 2 1 2 10 2 1 2 5 8 9 8n o
        8 g 2 14 4 r 2f 0 g 1d e pm 2v 32 2 4 c 5f 219 2q e tr h l 33f g6 6nu fs 8 u 2 9 5 28 2 9 7 t 3 5 b 1x b 9 2 6 2 k 6 i j5 2i 2u 22 5 1k 8 g 1t 4 s 4qf 9 yd 17 8 6w8 3 2 6 2 1
        2 82 g 0 u 2 3 0 f 3 9 az 1s5 2y 6 c 4 8 8 9 3 3 3mp 19 3 m a 37 1p 6t b 12 3 1g a 5 f 1r 7 15 m 1x 3f j d j d 2e a o w8 i3 g 4 2 e up u 7 5 5y 6 2 g 3 6 2 1 2 4 2t 0 35 18 4
        d 3 9 5 1 8x u i 1l 6 0 cx 15 kn 6 2 3 2 1 2 e 2 5g 3 f 16 23 5 9 5 1 lu 1v 25 1o c3 1 7j 17 5 2r d e 3 e 2 e 2 10 m 4 w 0 x p 4 y 2 s 1l p 2p 5 4b rb 5 g 4 c 4 3a 5 2m 7 b 5
        0 g b 5 1j 9 9 7 13 9 t 3 1 27 9f d d 3 c 4 8 8 19 2 6 9 d 5 8 8 8 8 42 2 1i ty wyn x 37d 7 65 3 4g1 f 5rk 3z4 3t6 6 38f
        """;

    private static readonly (int First, int Last)[] Table = Read();

    /// <summary>The characters in the form that a host has; null where one of them is not certain.</summary>
    public static Rune[]? Map(string label)
    {
        var runes = label.EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length; i++)
        {
            // What has no entry is neither taken as it is nor for the capital of a letter that has one.
            if (!runes[i].IsAscii && !(Contains(runes[i].Value) && (!IsMark(runes[i]) || MayFollow(i == 0 ? null : runes[i - 1], runes[i]))))
            {
                return null;
            }

            // Cherokee has small letters, and hosts have the others.
            var small = Rune.ToLowerInvariant(runes[i]);
            runes[i] = small.IsAscii || Contains(small.Value) ? small : runes[i];
        }

        return runes;
    }

    // A mark upon the character before it.
    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    // No label begins with a mark, and of two marks upon one letter the order might be another after normalisation.
    private static bool MayFollow(Rune? before, Rune mark) => before is { } letter
        && !(Rune.GetUnicodeCategory(letter) == UnicodeCategory.NonSpacingMark && Rune.GetUnicodeCategory(mark) == UnicodeCategory.NonSpacingMark);

    private static bool Contains(int code)
    {
        var (low, high) = (0, Table.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (code < Table[middle].First)
            {
                high = middle - 1;
            }
            else if (code > Table[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private static (int First, int Last)[] Read()
    {
        var numbers = Ranges.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(Number).ToArray();
        var table = new (int First, int Last)[numbers.Length / 2];
        var end = 0x80;
        for (var i = 0; i < table.Length; i++)
        {
            var first = end + numbers[2 * i];
            end = first + numbers[(2 * i) + 1];
            table[i] = (first, end);
        }

        return table;
    }

    private static int Number(string text) => text.Aggregate(0, static (number, digit) => (number * 36) + (digit <= '9' ? digit - '0' : digit - 'a' + 10));
}
