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
            return cookie.Length == 0 ? null : ReadCookie(request, out credential);
        }

        if (header.Count > 1)
        {
            return AccessProblems.Twice("the header Authorization");
        }

        var text = header[0] ?? "";
        credential = text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..].Trim(' ') : "";
        return credential.Length == 0 ? AccessProblems.NotBearer() : null;
    }

    private static string? FindInUrl(QueryString query)
    {
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            var name = pair.DecodeName().Span;
            foreach (var known in InUrl)
            {
                if (name.Equals(known, StringComparison.OrdinalIgnoreCase))
                {
                    return known;
                }
            }
        }

        return null;
    }

    private Problem? ReadCookie(HttpRequest request, out string? credential)
    {
        credential = null;
        foreach (var line in request.Headers.Cookie)
        {
            foreach (var range in line.AsSpan().Split(';'))
            {
                var pair = line.AsSpan(range).Trim(' ');
                if (pair.Length <= cookie.Length || pair[cookie.Length] != '=' || !pair.StartsWith(cookie, StringComparison.Ordinal))
                {
                    continue;
                }

                if (credential is not null)
                {
                    return AccessProblems.Twice($"the cookie {cookie}"); // A page of a neighbouring site can have added one.
                }

                credential = pair.Length > cookie.Length + 1 ? pair[(cookie.Length + 1)..].ToString() : null; // An empty one is what is left of one taken away.
            }
        }

        return credential is null ? null : CookieOrigin.FindFault(request.HttpContext);
    }
}
