using System.Globalization;
using System.Text;

namespace Spillway.Tests.Mercure.Patterns;

/// <summary>Expands URI templates as RFC 6570 says, section 3.2: the other direction, for tests. A value is a string, an array of strings, or pairs.</summary>
internal static class TemplateExpander
{
    public static string Expand(string template, IReadOnlyDictionary<string, object> values)
    {
        var expanded = new StringBuilder();
        for (var i = 0; i < template.Length;)
        {
            var (open, close) = (template.IndexOf('{', i), template.IndexOf('}', i));
            if (open != i)
            {
                var text = open < 0 ? template[i..] : template[i..open];
                expanded.Append(Encode(text, reserved: true));
                i += text.Length;
                continue;
            }

            expanded.Append(Expression(template[(i + 1)..close], values));
            i = close + 1;
        }

        return expanded.ToString();
    }

    private static string Expression(string text, IReadOnlyDictionary<string, object> values)
    {
        var sign = "+#./;?&".Contains(text[0], StringComparison.Ordinal) ? text[0] : ' ';
        var (first, separator) = sign switch
        {
            '#' => ("#", ","),
            '.' => (".", "."),
            '/' => ("/", "/"),
            ';' => (";", ";"),
            '?' => ("?", "&"),
            '&' => ("&", "&"),
            _ => ("", ","),
        };
        var expanded = new List<string>();
        foreach (var variable in text.TrimStart(sign).Split(','))
        {
            var explode = variable.EndsWith('*');
            var parts = variable.TrimEnd('*').Split(':');
            if (values.TryGetValue(parts[0], out var value))
            {
                var length = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : int.MaxValue;
                expanded.AddRange(Variable(parts[0], Cut(value, length), explode, sign, separator));
            }
        }

        return expanded.Count == 0 ? "" : first + string.Join(separator, expanded);
    }

    private static IEnumerable<string> Variable(string name, object value, bool explode, char sign, string separator)
    {
        var (named, reserved) = (sign is ';' or '?' or '&', sign is '+' or '#');
        string Text(string text) => Encode(text, reserved);
        string Named(string key, string text) => text.Length > 0 || sign is '?' or '&' ? $"{key}={text}" : key;
        return value switch
        {
            string text => [named ? Named(name, Text(text)) : Text(text)],
            string[] { Length: 0 } or (string, string)[] { Length: 0 } => [],
            string[] list when explode => [string.Join(separator, list.Select(item => named ? Named(name, Text(item)) : Text(item)))],
            string[] list => [named ? Named(name, string.Join(',', list.Select(Text))) : string.Join(',', list.Select(Text))],
            (string Key, string Value)[] pairs when explode => [string.Join(separator, pairs.Select(pair => named ? Named(Text(pair.Key), Text(pair.Value)) : $"{Text(pair.Key)}={Text(pair.Value)}"))],
            (string Key, string Value)[] pairs => [(named ? $"{name}=" : "") + string.Join(',', pairs.Select(pair => $"{Text(pair.Key)},{Text(pair.Value)}"))],
            _ => throw new ArgumentException($"{name} is of no kind that a template takes.", nameof(value)),
        };
    }

    private static object Cut(object value, int length) =>
        value is string text && length < int.MaxValue ? string.Concat(text.EnumerateRunes().Take(length)) : value;

    private static string Encode(string text, bool reserved)
    {
        var encoded = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            var triplet = reserved && text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]);
            var rune = Rune.GetRuneAt(text, i);
            if (triplet || char.IsAsciiLetterOrDigit(text[i]) || "-._~".Contains(text[i], StringComparison.Ordinal) || (reserved && ":/?#[]@!$&'()*+,;=".Contains(text[i], StringComparison.Ordinal)))
            {
                encoded.Append(text[i]);
            }
            else
            {
                encoded.Append(string.Concat(Encoding.UTF8.GetBytes(rune.ToString()).Select(static value => $"%{value:X2}")));
            }

            i += rune.Utf16SequenceLength;
        }

        return encoded.ToString();
    }
}
