using System.Globalization;

namespace Spillway.Mercure.Patterns;

/// <summary>Reads URI templates of RFC 6570, all four levels.</summary>
internal static class TemplateParser
{
    /// <param name="text">The template.</param>
    /// <param name="pieces">In their order; two texts never follow one another.</param>
    /// <param name="fault">What is wrong, as the end of a sentence about the template.</param>
    public static bool TryParse(string text, out List<TemplatePiece> pieces, out string fault)
    {
        pieces = [];
        fault = "";
        for (var i = 0; i < text.Length && fault.Length == 0;)
        {
            if (text[i] == '{')
            {
                var end = text.IndexOf('}', i);
                fault = end < 0 ? $"has \"{{\" without its \"}}\" at {i}" : Expression(text[(i + 1)..end], pieces);
                i = end + 1;
            }
            else
            {
                var end = text.IndexOf('{', i);
                end = end < 0 ? text.Length : end;
                fault = Literal(text[i..end]);
                pieces.Add(new TemplatePiece(text[i..end], null, []));
                i = end;
            }
        }

        return fault.Length == 0;
    }

    private static string Literal(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] is <= ' ' or '\x7F' or '"' or '<' or '>' or '\\' or '^' or '`' or '|' or '}' || (text[i] == '%' && !IsTriplet(text, i)))
            {
                return $"has \"{text[i]}\" outside of its expressions; write it percent-encoded";
            }
        }

        return "";
    }

    private static string Expression(string text, List<TemplatePiece> pieces)
    {
        if (text.Length == 0)
        {
            return "has \"{}\"; name a variable";
        }

        if (TemplateOperator.Of(text[0]) is not { } found)
        {
            return $"has \"{{{text[0]}\", an operator that is not defined";
        }

        var variables = new List<TemplateVariable>();
        foreach (var written in (text[0] is '+' or '#' or '.' or '/' or ';' or '?' or '&' ? text[1..] : text).Split(','))
        {
            if (Variable(written) is not { } variable)
            {
                return $"has \"{{{text}}}\", in which \"{written}\" is no variable";
            }

            variables.Add(variable);
        }

        pieces.Add(new TemplatePiece("", found, variables));
        return "";
    }

    private static TemplateVariable? Variable(string written)
    {
        var explodes = written.EndsWith('*');
        var name = explodes ? written[..^1] : written;
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        int? length = null;
        if (colon >= 0)
        {
            // 1 to 9999, and no zero before it.
            if (explodes || name.Length - colon is < 2 or > 5 || name[colon + 1] == '0' || !int.TryParse(name[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            (length, name) = (number, name[..colon]);
        }

        return IsName(name) ? new TemplateVariable(name, explodes, length) : null;
    }

    private static bool IsName(string name)
    {
        var afterDot = true;
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '.' && !afterDot)
            {
                afterDot = true;
                continue;
            }

            if (!char.IsAsciiLetterOrDigit(name[i]) && name[i] != '_' && !IsTriplet(name, i))
            {
                return false;
            }

            i += name[i] == '%' ? 2 : 0;
            afterDot = false;
        }

        return !afterDot;
    }

    private static bool IsTriplet(string text, int index) =>
        text[index] == '%' && index + 2 < text.Length && char.IsAsciiHexDigit(text[index + 1]) && char.IsAsciiHexDigit(text[index + 2]);
}
