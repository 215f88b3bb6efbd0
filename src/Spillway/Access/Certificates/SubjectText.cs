using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Spillway.Access.Certificates;

/// <summary>The name in a certificate as RFC 4514 has it: the last attribute first, <c>,</c> between them and no space, <c>\</c> before what would mean something else.</summary>
internal static class SubjectText
{
    // RFC 4514, section 3, and what openssl calls the address. Names with others have no text here.
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["2.5.4.3"] = "CN",
        ["2.5.4.7"] = "L",
        ["2.5.4.8"] = "ST",
        ["2.5.4.10"] = "O",
        ["2.5.4.11"] = "OU",
        ["2.5.4.6"] = "C",
        ["2.5.4.9"] = "STREET",
        ["0.9.2342.19200300.100.1.25"] = "DC",
        ["0.9.2342.19200300.100.1.1"] = "UID",
        ["1.2.840.113549.1.9.1"] = "emailAddress",
    };

    /// <summary>The text; null for names without one here: empty ones, broken ones, those with an attribute that is not known, and those with several in one place, whose order nobody lays down.</summary>
    public static string? Of(X500DistinguishedName name)
    {
        try
        {
            var text = new StringBuilder();
            foreach (var part in name.EnumerateRelativeDistinguishedNames(reversed: true))
            {
                if (part.HasMultipleElements || part.GetSingleElementType().Value is not { } type || !Names.TryGetValue(type, out var known) || part.GetSingleElementValue() is not { } value)
                {
                    return null;
                }

                Append(text.Append(text.Length > 0 ? "," : "").Append(known).Append('='), value);
            }

            return text.Length > 0 ? text.ToString() : null;
        }
        catch (CryptographicException)
        {
            return null; // What comes in a certificate may be anything.
        }
    }

    private static void Append(StringBuilder text, string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == '\0')
            {
                text.Append("\\00");
                continue;
            }

            var isAtEdge = (i == 0 && c is ' ' or '#') || (i == value.Length - 1 && c == ' ');
            text.Append(isAtEdge || c is '"' or '+' or ',' or ';' or '<' or '>' or '\\' ? "\\" : "").Append(c);
        }
    }
}
