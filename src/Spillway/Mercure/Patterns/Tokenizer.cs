using System.Globalization;
using System.Text;

namespace Spillway.Mercure.Patterns;

/// <summary>Splits the text of a URL pattern.</summary>
internal sealed class Tokenizer
{
    private readonly string _text;
    private readonly bool _lenient;
    private readonly List<Token> _tokens = [];
    private int _index;
    private string _fault = "";

    private Tokenizer(string text, bool lenient)
    {
        _text = text;
        _lenient = lenient;
    }

    /// <param name="text">A pattern, or that of one component.</param>
    /// <param name="lenient">Whether what is not in its place is only marked: a whole pattern is split so into its components, each of which is then read strictly.</param>
    /// <param name="tokens">The pieces; the last is the end.</param>
    /// <param name="fault">What is wrong, as the end of a sentence about the pattern.</param>
    public static bool TryRead(string text, bool lenient, out List<Token> tokens, out string fault)
    {
        var tokenizer = new Tokenizer(text, lenient);
        while (tokenizer._index < text.Length && tokenizer._fault.Length == 0)
        {
            tokenizer.Next();
        }

        tokenizer.Add(TokenKind.End, "", text.Length);
        tokens = tokenizer._tokens;
        fault = tokenizer._fault;
        return fault.Length == 0;
    }

    private void Next()
    {
        switch (_text[_index])
        {
            case '*':
                Add(TokenKind.Asterisk, "*", _index + 1);
                break;
            case '+' or '?':
                Add(TokenKind.OtherModifier, _text[_index].ToString(), _index + 1);
                break;
            case '{':
                Add(TokenKind.Open, "{", _index + 1);
                break;
            case '}':
                Add(TokenKind.Close, "}", _index + 1);
                break;
            case '\\' when _index == _text.Length - 1:
                Refuse("ends in \"\\\"; write what it escapes behind it");
                break;
            case '\\':
                var escaped = RuneLength(_index + 1);
                Add(TokenKind.EscapedChar, _text.Substring(_index + 1, escaped), _index + 1 + escaped);
                break;
            case ':':
                Name();
                break;
            case '(':
                Regexp();
                break;
            default:
                var length = RuneLength(_index);
                Add(TokenKind.Char, _text.Substring(_index, length), _index + length);
                break;
        }
    }

    private void Name()
    {
        var end = _index + 1;
        while (end < _text.Length && Rune.TryGetRuneAt(_text, end, out var rune) && IsOfName(rune, first: end == _index + 1))
        {
            end += rune.Utf16SequenceLength;
        }

        if (end == _index + 1)
        {
            Refuse($"has \":\" without a name at {_index}; write \"\\:\" for a colon");
            return;
        }

        Add(TokenKind.Name, _text[(_index + 1)..end], end);
    }

    private void Regexp()
    {
        var start = _index + 1;
        var depth = 1;
        for (var i = start; i < _text.Length; i++)
        {
            switch (_text[i])
            {
                case > '\x7F':
                    Refuse($"has a regexp group with \"{_text[i]}\" at {i}; only ASCII may stand in one");
                    return;
                case '?' when i == start:
                    Refuse($"has a regexp group that begins with \"?\" at {i}");
                    return;
                case '\\' when i + 1 == _text.Length || _text[i + 1] > '\x7F':
                    Refuse($"has a regexp group with \"\\\" before no character of ASCII at {i}");
                    return;
                case '\\':
                    i++;
                    break;
                case '(' when i + 1 == _text.Length || _text[i + 1] != '?':
                    Refuse($"has a capturing group within a regexp group at {i}; write \"(?:\"");
                    return;
                case '(':
                    depth++;
                    break;
                case ')' when --depth == 0 && i == start:
                    Refuse($"has an empty regexp group at {_index}");
                    return;
                case ')' when depth == 0:
                    Add(TokenKind.Regexp, _text[start..i], i + 1);
                    return;
            }
        }

        Refuse($"has \"(\" without its \")\" at {_index}");
    }

    private void Refuse(string fault)
    {
        if (_lenient)
        {
            Add(TokenKind.InvalidChar, _text[_index].ToString(), _index + 1);
        }
        else
        {
            _fault = fault;
        }
    }

    private void Add(TokenKind kind, string value, int next)
    {
        _tokens.Add(new Token(kind, _index, value));
        _index = next;
    }

    private int RuneLength(int index) => Rune.TryGetRuneAt(_text, index, out var rune) ? rune.Utf16SequenceLength : 1;

    // Names are identifiers of ECMAScript: ID_Start and ID_Continue of Unicode, "$", "_" and the two joiners.
    private static bool IsOfName(Rune rune, bool first) => rune.Value is '$' or '_' || Rune.IsLetter(rune)
        || Rune.GetUnicodeCategory(rune) == UnicodeCategory.LetterNumber || rune.Value is 0x2118 or 0x212E or 0x309B or 0x309C or 0x1885 or 0x1886
        || (!first && (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
                or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation
            || rune.Value is 0x200C or 0x200D or 0xB7 or 0x387 or (>= 0x1369 and <= 0x1371) or 0x19DA or 0x30FB or 0xFF65));
}
