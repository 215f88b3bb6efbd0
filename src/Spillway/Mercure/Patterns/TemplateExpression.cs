using System.Globalization;
using System.Text;

namespace Spillway.Mercure.Patterns;

/// <summary>Writes the regular expression of the bytes, one character each, that a URI template can become for some values of its variables.</summary>
internal static class TemplateExpression
{
    // A topic has no more bytes, so that no value can have more characters: a longer prefix is no bound.
    private const int LongestValue = Events.Topic.MaxBytes;

    private const string Unreserved = @"A-Za-z0-9\-._~";
    private const string Reserved = @":/?#\[\]@!$&'()*+,;=";
    private const string Triplet = "%[0-9A-Fa-f]{2}";

    public static string Write(IEnumerable<TemplatePiece> pieces)
    {
        var expression = new StringBuilder(@"\A");
        foreach (var piece in pieces)
        {
            expression.Append(piece.Operator is null ? Text(piece.Text) : Expression(piece.Operator, piece.Variables));
        }

        return expression.Append(@"\z").ToString();
    }

    // What is not ASCII is encoded by an expansion; topics are compared as they are written, and people write it as it is.
    private static string Text(string text) => string.Concat(text.EnumerateRunes().Select(static rune =>
    {
        var bytes = Encoding.UTF8.GetBytes(rune.ToString());
        var plain = string.Concat(bytes.Select(static value => string.Create(CultureInfo.InvariantCulture, $@"\x{value:X2}")));
        return rune.IsAscii ? plain : $"(?:{plain}|{string.Concat(bytes.Select(static value => string.Create(CultureInfo.InvariantCulture, $"%{value:X2}")))})";
    }));

    /// <summary>Every variable may be undefined, and then stands nowhere; where all are, nothing stands.</summary>
    private static string Expression(TemplateOperator of, IReadOnlyList<TemplateVariable> variables)
    {
        var values = variables.Select(variable => Variable(of, variable)).ToArray();
        var separator = Plain(of.Separator);
        if (values.Distinct(StringComparer.Ordinal).Count() == 1)
        {
            var others = values.Length == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"(?:{separator}{values[0]}){{0,{values.Length - 1}}}");
            return $"(?:{Plain(of.First)}{values[0]}{others})?";
        }

        // The first that is defined stands behind the operator, each that follows it behind a separator. Those of the first variables, and one more, are
        // those of the first variables with or without it, or it alone: so each is written twice, however many there are.
        var written = values[0];
        foreach (var value in values.AsSpan(1))
        {
            written = $"(?:{written}(?:{separator}{value})?|{value})";
        }

        return $"(?:{Plain(of.First)}{written})?";
    }

    private static string Variable(TemplateOperator of, TemplateVariable variable)
    {
        var value = of.Reserved ? $"(?:[{Unreserved}{Reserved}]|{Triplet})" : $"(?:[{Unreserved}]|{Triplet})";
        if (variable.Explodes)
        {
            var item = !of.Named ? $"{value}*(?:={value}*)?" : of.IfEmpty.Length > 0 ? $"{value}+={value}*" : $"{value}+(?:={value}+)?";
            return $"(?:{item}(?:{Plain(of.Separator)}{item})*)";
        }

        // A list stands with commas between its values; what takes the first characters takes them of one text.
        var (many, some) = variable.MaxLength is { } length and < LongestValue
            ? (Counted(of, 0, length), Counted(of, 1, length))
            : ($"(?:{value}|,)*", $"(?:{value}|,)+");
        var name = Plain(variable.Name);
        return !of.Named ? many : of.IfEmpty.Length > 0 ? $"{name}={many}" : $"{name}(?:={some})?";
    }

    // One character is one byte of ASCII, or one that begins it and those that continue it.
    private static string Counted(TemplateOperator of, int least, int most)
    {
        var plain = of.Reserved ? Unreserved + Reserved : Unreserved;
        return string.Create(CultureInfo.InvariantCulture, $"(?:[{plain}]|%[0-7][0-9A-Fa-f]|%[C-Fc-f][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f])+){{{least},{most}}}");
    }

    private static string Plain(string text) => string.Concat(text.Select(static character => string.Create(CultureInfo.InvariantCulture, $@"\x{(int)character:X2}")));
}
