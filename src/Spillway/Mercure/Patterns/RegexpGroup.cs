using System.Globalization;
using System.Text;

namespace Spillway.Mercure.Patterns;

/// <summary>
/// Translates the regular expression of a group from ECMAScript (flag v) to one of .NET that matches the same texts of ASCII in linear time. It reads the
/// whole grammar itself, so that nothing is handed on that .NET would read in another way; what cannot be matched in linear time is refused by name.
/// </summary>
internal sealed class RegexpGroup
{
    // A count is written out by the engine: these bound what one group costs.
    private const int MaxCount = 100;
    private const int MaxWeight = 1000;

    private readonly string _text;
    private readonly StringBuilder _translated = new();
    private int _index;
    private string _fault = "";

    private RegexpGroup(string text)
    {
        _text = text;
    }

    private bool AtEnd => _index == _text.Length;

    private char Current => AtEnd ? '\0' : _text[_index];

    /// <param name="text">What the parentheses of the group hold.</param>
    /// <param name="translated">The same for .NET, without groups that capture; how greedy it is does not matter, since whole texts are matched.</param>
    /// <param name="fault">What is wrong, as the end of a sentence about the pattern.</param>
    public static bool TryTranslate(string text, out string translated, out string fault)
    {
        var group = new RegexpGroup(text);
        var weight = group.Disjunction(depth: 0);
        if (group._fault.Length == 0 && !group.AtEnd)
        {
            group.Refuse($"has \"{group.Current}\" out of its place");
        }

        if (weight > MaxWeight)
        {
            group.Refuse("repeats more than this hub matches; use smaller counts, or \"*\"");
        }

        translated = group._translated.ToString();
        fault = group._fault.Length == 0 ? "" : $"has the regexp group ({text}), which {group._fault}";
        return fault.Length == 0;
    }

    // The weight is about how many states the expression has when its counts are written out.
    private int Disjunction(int depth)
    {
        if (depth > 32)
        {
            return Refuse("nests groups deeper than 32");
        }

        var weight = Alternative(depth);
        while (Take('|'))
        {
            _translated.Append('|');
            weight += Alternative(depth);
        }

        return weight;
    }

    private int Alternative(int depth)
    {
        var weight = 0;
        while (!AtEnd && Current is not ('|' or ')') && _fault.Length == 0)
        {
            weight = Math.Min(weight + Term(depth), MaxWeight + 1);
        }

        return weight;
    }

    private int Term(int depth)
    {
        if (Assertion())
        {
            return 1;
        }

        var weight = 1;
        if (Take('.'))
        {
            _translated.Append(RegexpClass.Write(RegexpClass.All));
        }
        else if (Take('('))
        {
            weight = Group(depth);
        }
        else if (Current is '[' or '\\')
        {
            var reader = new RegexpClass(_text, _index);
            _translated.Append(RegexpClass.Write(Current == '[' ? reader.Class() : reader.Escape(inClass: false)));
            _index = reader.Index;
            Refuse(reader.Fault);
        }
        else if (Current is '*' or '+' or '?' or '{' or '}' or ']')
        {
            Refuse($"has \"{Current}\" out of its place; write \"\\\" before it");
        }
        else
        {
            _translated.Append(RegexpClass.Write(UInt128.One << _text[_index++]));
        }

        return _fault.Length > 0 ? 0 : Quantifier(weight);
    }

    private bool Assertion()
    {
        var (length, translation) = _text.AsSpan(_index) switch
        {
            ['^', ..] => (1, @"\A"),
            ['$', ..] => (1, @"\z"),
            ['\\', 'b', ..] => (2, @"\b"),
            ['\\', 'B', ..] => (2, @"\B"),
            _ => (0, ""),
        };
        _translated.Append(translation);
        _index += length;
        return length > 0;
    }

    private int Group(int depth)
    {
        if (!_text.AsSpan(_index).StartsWith("?:"))
        {
            var looksAround = _text.AsSpan(_index) is ['?', '=' or '!', ..] or ['?', '<', '=' or '!', ..];
            return Refuse(looksAround ? "looks around, which cannot be matched in linear time" : "has a group of another kind than \"(?:\"");
        }

        _index += 2;
        _translated.Append("(?:");
        var weight = Disjunction(depth + 1);
        if (!Take(')'))
        {
            Refuse("has \"(\" without its \")\"");
        }

        _translated.Append(')');
        return weight;
    }

    private int Quantifier(int weight)
    {
        var (low, high) = (1, 1);
        if (Current is '*' or '+' or '?')
        {
            _translated.Append(Current);
            _index++;
        }
        else if (Take('{'))
        {
            (low, high) = (Number(), -1);
            high = Take(',') ? Current == '}' ? -1 : Number() : low;
            if (!Take('}') || (high >= 0 && low > high))
            {
                return Refuse("has a count that is none");
            }

            if (Math.Max(low, high) > MaxCount)
            {
                return Refuse($"counts further than {MaxCount}");
            }

            _translated.Append(CultureInfo.InvariantCulture, $"{{{low},{(high < 0 ? "" : high)}}}");
        }
        else
        {
            return weight;
        }

        Take('?'); // How greedy it is decides what a group captures, not whether the whole matches.
        return Math.Min(Math.Max(1, Math.Max(low, high)) * (weight + 1), MaxWeight + 1);
    }

    private int Number()
    {
        var start = _index;
        while (char.IsAsciiDigit(Current))
        {
            _index++;
        }

        var digits = _text[start.._index];
        if (digits.Length == 0)
        {
            Refuse("has a count without a number");
        }

        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
    }

    private bool Take(char character)
    {
        var there = !AtEnd && Current == character;
        _index += there ? 1 : 0;
        return there;
    }

    private int Refuse(string fault)
    {
        _fault = _fault.Length == 0 ? fault : _fault;
        return 0;
    }
}
