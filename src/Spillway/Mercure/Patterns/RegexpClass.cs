using System.Globalization;
using System.Text;

namespace Spillway.Mercure.Patterns;

/// <summary>Reads a class of characters, or an escape, of a regular expression of ECMAScript with flag v, as the set of ASCII characters that it holds.</summary>
internal sealed class RegexpClass(string text, int index)
{
    // A piece of a class that is a set of its own, and no character a range could begin with.
    private const int IsSet = -1;

    private int _depth;

    /// <summary>All of ASCII: no component of a URL holds anything else, nor a line break.</summary>
    public static UInt128 All => UInt128.MaxValue;

    /// <summary>Where reading goes on.</summary>
    public int Index { get; private set; } = index;

    /// <summary>What is wrong; empty: nothing.</summary>
    public string Fault { get; private set; } = "";

    private char Current => Index < text.Length ? text[Index] : '\0';

    /// <summary>The class for .NET: every character by its number.</summary>
    public static string Write(UInt128 set)
    {
        if (set == UInt128.Zero)
        {
            return @"[^\x00-\uFFFF]";
        }

        var written = new StringBuilder("[");
        for (var i = 0; i < 128; i++)
        {
            var first = i;
            while (i < 128 && (set >> i & UInt128.One) == UInt128.One)
            {
                i++;
            }

            if (i > first)
            {
                written.Append(CultureInfo.InvariantCulture, $@"\x{first:X2}-\x{i - 1:X2}");
            }
        }

        return written.Append(']').ToString();
    }

    /// <summary>Reads from an opening bracket to the closing one.</summary>
    public UInt128 Class()
    {
        Index++;
        if (++_depth > 32)
        {
            return Refuse("nests classes deeper than 32");
        }

        var negated = Take("^");
        var set = UInt128.Zero;
        for (var operands = 0; Fault.Length == 0 && !Take("]"); operands++)
        {
            if (Index >= text.Length)
            {
                return Refuse("has \"[\" without its \"]\"");
            }

            var operand = Operand(out var character);
            if (character != IsSet && Current == '-' && !Next("--"))
            {
                operand = Range(character);
            }
            else if (operands == 0 && (Next("&&") || Next("--")))
            {
                set = Operations(operand);
                continue;
            }

            set |= operand;
        }

        _depth--;
        return negated ? ~set : set;
    }

    /// <summary>Reads a backslash and what it escapes.</summary>
    public UInt128 Escape(bool inClass)
    {
        var set = Escape(inClass, out var character);
        return character == IsSet ? set : One(character);
    }

    private static UInt128 One(int character) => character is >= 0 and < 128 ? UInt128.One << character : UInt128.Zero;

    private static UInt128 Of(Func<char, bool> belongs) =>
        Enumerable.Range(0, 128).Aggregate(UInt128.Zero, (set, code) => belongs((char)code) ? set | (UInt128.One << code) : set);

    private UInt128 Range(int first)
    {
        Index++;
        Operand(out var last);
        if (last == IsSet || last < first)
        {
            return Refuse("has a range that does not go from one character up to another");
        }

        return Of(character => character >= first && character <= last);
    }

    // "&&" and "--" stand between operands of their own kind, and ranges must be classes there.
    private UInt128 Operations(UInt128 set)
    {
        var intersects = Next("&&");
        while (Take(intersects ? "&&" : "--"))
        {
            var operand = Current == '&' ? Refuse("has \"&&&\" in a class") : Operand(out _);
            set &= intersects ? operand : ~operand;
        }

        return Current == ']' ? set : Refuse("mixes operators of classes; put each into brackets of its own");
    }

    private UInt128 Operand(out int character)
    {
        character = IsSet;
        if (Current == '[')
        {
            return Class();
        }

        if (Current == '\\')
        {
            return Escape(inClass: true, out character) | One(character);
        }

        if (Index >= text.Length || Current is '(' or ')' or ']' or '{' or '}' or '/' or '-' or '|' || IsDoublePunctuator())
        {
            return Refuse($"has \"{Current}\" out of its place in a class; write \"\\\" before it");
        }

        character = text[Index++];
        return One(character);
    }

    private bool IsDoublePunctuator() =>
        Index + 1 < text.Length && text[Index + 1] == Current && "&!#$%*+,.:;<=>?@^`~".Contains(Current, StringComparison.Ordinal);

    private UInt128 Escape(bool inClass, out int character)
    {
        character = IsSet;
        if (++Index >= text.Length)
        {
            return Refuse("ends in \"\\\"");
        }

        var escaped = text[Index++];
        switch (escaped)
        {
            case 'd' or 'D':
                return Of(code => char.IsAsciiDigit(code) == (escaped == 'd'));
            case 'w' or 'W':
                return Of(code => (char.IsAsciiLetterOrDigit(code) || code == '_') == (escaped == 'w'));
            case 's' or 'S':
                return Of(code => code is (>= '\t' and <= '\r') or ' ' == (escaped == 's'));
            case 'p' or 'P':
                return Property(escaped == 'P');
            case 'k' or (>= '1' and <= '9'):
                return Refuse("refers back to a group, which cannot be matched in linear time");
            case 'q' when inClass:
                return Refuse("has strings in a class; use \"(?:a|b)\"");
            default:
                character = Character(escaped, inClass);
                return UInt128.Zero;
        }
    }

    private int Character(char escaped, bool inClass)
    {
        switch (escaped)
        {
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            case 'b' when inClass:
                return '\b';
            case '0' when !char.IsAsciiDigit(Current):
                return 0;
            case 'c' when char.IsAsciiLetter(Current):
                return text[Index++] & 31;
            case 'x':
                return Hex(2);
            case 'u' when Take("{"):
                var code = Hex(Math.Max(0, text.IndexOf('}', Index) - Index));
                Index++;
                return code <= 0x10FFFF ? code : (int)Refuse("has an escape that is no character");
            case 'u':
                return Hex(4);
        }

        if (escaped != '\0' && ("^$\\.*+?()[]{}|/".Contains(escaped, StringComparison.Ordinal)
            || (inClass && "-&!#%,:;<=>@`~".Contains(escaped, StringComparison.Ordinal))))
        {
            return escaped;
        }

        Refuse($"escapes \"{escaped}\", which says nothing");
        return 0;
    }

    private int Hex(int length)
    {
        var digits = Index + length <= text.Length ? text.Substring(Index, length) : "";
        Index += length;
        if (digits.Length > 0 && digits.TrimStart('0').Length <= 6 && digits.All(char.IsAsciiHexDigit))
        {
            return int.Parse("0" + digits.TrimStart('0'), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }

        Refuse("has an escape without its hexadecimal digits");
        return 0;
    }

    // The general categories by their short names: L, Lu, Nd, P and so on.
    private UInt128 Property(bool negated)
    {
        var end = text.IndexOf('}', Math.Min(Index, text.Length));
        if (Current != '{' || end < 0)
        {
            return Refuse("has \"\\p\" without a property");
        }

        var name = text[(Index + 1)..end];
        Index = end + 1;
        if (name is not ("L" or "Lu" or "Ll" or "N" or "Nd" or "P" or "S" or "Z" or "Zs" or "C" or "Cc"))
        {
            return Refuse($"asks for \"{name}\", which this hub does not know; it knows L, Lu, Ll, N, Nd, P, S, Z, Zs, C and Cc");
        }

        return Of(code => Category(code).StartsWith(name, StringComparison.Ordinal) != negated);
    }

    private static string Category(char code) => char.GetUnicodeCategory(code) switch
    {
        UnicodeCategory.UppercaseLetter => "Lu",
        UnicodeCategory.LowercaseLetter => "Ll",
        UnicodeCategory.DecimalDigitNumber => "Nd",
        UnicodeCategory.SpaceSeparator => "Zs",
        UnicodeCategory.Control => "Cc",
        UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.OtherSymbol => "S",
        _ => "P",
    };

    private bool Next(string expected) => Index < text.Length && string.CompareOrdinal(text, Index, expected, 0, expected.Length) == 0;

    private bool Take(string expected)
    {
        var there = Next(expected);
        Index += there ? expected.Length : 0;
        return there;
    }

    private UInt128 Refuse(string fault)
    {
        Fault = Fault.Length == 0 ? fault : Fault;
        Index = text.Length; // Nothing is read on.
        return UInt128.Zero;
    }
}
