using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Spillway.Problems;

namespace Spillway.Access;

/// <summary>Finds what a request presents: <c>Authorization: Bearer</c>, else a cookie. Never anything in its URL.</summary>
/// <param name="cookie">The cookie's name; empty: none is looked at.</param>
internal sealed class CredentialReader(string cookie)
{
    private const string Scheme = "Bearer ";

    private static readonly string[] InUrl = ["access_token", "token", "authorization"];

    /// <summary>The credential, null where there is none; or what is wrong with the way in which it comes.</summary>
    public Problem? Read(HttpRequest request, out string? credential)
    {
        credential = null;
        if (FindInUrl(request.QueryString) is { } parameter)
        {
            return AccessProblems.InUrl(parameter);
        }

        var header = request.Headers.Authorization;
        if (header.Count == 0)
        {
            return cookie.Length == 0 ? null : ReadCookie(request, cookie, out credential) ?? (credential is null ? null : CookieOrigin.FindFault(request.HttpContext));
        }

        if (header.Count > 1)
        {
            return AccessProblems.Twice("the header Authorization");
        }

        var text = header[0] ?? "";
        credential = text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..].Trim(' ') : "";
        return credential.Length == 0 ? AccessProblems.NotBearer() : null;
    }

    /// <summary>What a cookie holds, null where it is not there; or why that cannot be told.</summary>
    public static Problem? ReadCookie(HttpRequest request, string name, out string? value)
    {
        value = null;
        foreach (var line in request.Headers.Cookie)
        {
            foreach (var range in line.AsSpan().Split(';'))
            {
                var pair = line.AsSpan(range).Trim(' ');
                if (pair.Length <= name.Length || pair[name.Length] != '=' || !pair.StartsWith(name, StringComparison.Ordinal))
                {
                    continue;
                }

                if (value is not null)
                {
                    return AccessProblems.Twice($"the cookie {name}"); // A page of a neighbouring site can have added one.
                }

                value = pair.Length > name.Length + 1 ? pair[(name.Length + 1)..].ToString() : null; // An empty one is what is left of one taken away.
            }
        }

        return null;
    }

    /// <summary>A parameter of the query that is known to hold credentials; null where there is none.</summary>
    /// <param name="query">The query.</param>
    /// <param name="except">One that is not looked for; null: all are.</param>
    public static string? FindInUrl(QueryString query, string? except = null)
    {
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            var name = pair.DecodeName().Span;
            foreach (var known in InUrl)
            {
                if (known != except && name.Equals(known, StringComparison.OrdinalIgnoreCase))
                {
                    return known;
                }
            }
        }

        return null;
    }
}
