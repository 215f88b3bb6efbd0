using System.Text;

namespace Spillway.Mercure.Urls;

/// <summary>Punycode, RFC 3492: labels of hosts in ASCII.</summary>
internal static class Punycode
{
    private const int Base = 36;
    private const int FirstCode = 128;
    private const int FirstBias = 72;

    /// <summary>The label without its <c>xn--</c>.</summary>
    public static string Encode(IReadOnlyList<Rune> runes)
    {
        var encoded = new StringBuilder();
        foreach (var rune in runes.Where(static rune => rune.IsAscii))
        {
            encoded.Append((char)rune.Value);
        }

        var (basic, code, delta, bias) = (encoded.Length, FirstCode, 0, FirstBias);
        var handled = basic;
        if (basic > 0)
        {
            encoded.Append('-');
        }

        while (handled < runes.Count)
        {
            var next = runes.Where(rune => rune.Value >= code).Min(static rune => rune.Value);
            delta += (next - code) * (handled + 1);
            code = next;
            foreach (var rune in runes)
            {
                delta += rune.Value < code ? 1 : 0;
                if (rune.Value == code)
                {
                    Append(encoded, delta, bias);
                    bias = Adapt(delta, ++handled, handled - 1 == basic);
                    delta = 0;
                }
            }

            delta++;
            code++;
        }

        return encoded.ToString();
    }

    /// <summary>What a label of ASCII without its <c>xn--</c> stands for; null where it is none.</summary>
    public static string? Decode(string text)
    {
        var split = text.LastIndexOf('-');
        var runes = split < 0 ? [] : text[..split].Select(static character => new Rune(character)).ToList();
        var (code, at, bias) = (FirstCode, 0L, FirstBias);
        for (var i = split + 1; i < text.Length;)
        {
            var before = at;
            var weight = 1L;
            for (var k = Base; ; k += Base)
            {
                var digit = i < text.Length ? Digit(text[i++]) : -1;
                at += digit * weight;
                if (digit < 0 || at > int.MaxValue)
                {
                    return null;
                }

                if (digit < Threshold(k, bias))
                {
                    break;
                }

                weight *= Base - Threshold(k, bias);
            }

            bias = Adapt((int)(at - before), runes.Count + 1, before == 0);
            code += (int)(at / (runes.Count + 1));
            at %= runes.Count + 1;
            if (!Rune.IsValid(code))
            {
                return null;
            }

            runes.Insert((int)at++, new Rune(code));
        }

        return string.Concat(runes.Select(static rune => rune.ToString()));
    }

    private static void Append(StringBuilder encoded, int number, int bias)
    {
        for (var k = Base; ; k += Base)
        {
            var threshold = Threshold(k, bias);
            if (number < threshold)
            {
                encoded.Append(Letter(number));
                return;
            }

            encoded.Append(Letter(threshold + ((number - threshold) % (Base - threshold))));
            number = (number - threshold) / (Base - threshold);
        }
    }

    private static int Threshold(int k, int bias) => Math.Clamp(k - bias, 1, 26);

    // The constants damp and skew of the RFC are 700 and 38.
    private static int Adapt(int delta, int count, bool first)
    {
        delta /= first ? 700 : 2;
        delta += delta / count;
        var k = 0;
        for (; delta > (Base - 1) * 26 / 2; k += Base)
        {
            delta /= Base - 1;
        }

        return k + (Base * delta / (delta + 38));
    }

    private static char Letter(int digit) => (char)(digit < 26 ? 'a' + digit : '0' + digit - 26);

    private static int Digit(char character) => character switch
    {
        >= 'a' and <= 'z' => character - 'a',
        >= '0' and <= '9' => character - '0' + 26,
        _ => -1,
    };
}
