using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Http;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>The header <c>Idempotency-Key</c>: a string of structured fields (RFC 8941, section 3.3.3), or the same without its quotes.</summary>
internal static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";

    /// <summary>Reads the key, if there is one; it obeys the rules of an event's id.</summary>
    public static bool TryRead(IHeaderDictionary headers, out string? key, [NotNullWhen(false)] out Problem? problem)
    {
        key = null;
        if (!EventHeaders.TryGetOne(headers, Header, out var text, out problem))
        {
            return false;
        }

        if (text is not null && text.StartsWith('"'))
        {
            text = Unquote(text);
            if (text is null)
            {
                problem = Problem.InvalidEvent(Header, headers[Header], $"{Header} begins with a quote and does not end as a quoted string; close it, or leave the quotes out.");
                return false;
            }
        }

        problem = EventValidator.FindIdFault(text, Header);
        key = text;
        return problem is null;
    }

    /// <summary>The id that the key stands for at an index of a batch.</summary>
    public static string? At(string? key, long index) => key is null ? null : $"{key}/{index}";

    private static string? Unquote(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    return i == text.Length - 1 ? result.ToString() : null;
                case '\\':
                    if (++i == text.Length || text[i] is not ('"' or '\\'))
                    {
                        return null;
                    }

                    break;
            }

            result.Append(text[i]);
        }

        return null;
    }
}
