using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Spillway.Access;
using Spillway.Problems;

namespace Spillway.Mercure;

/// <summary>Finds what a request to the Mercure hub presents (A1): <c>Authorization: Bearer</c>; else, of 0.x and only where options say so, a parameter of the URL; else a cookie.</summary>
/// <param name="cookies">The names of cookies, the one that wins first.</param>
/// <param name="takesUrl">Whether <c>authorization</c> in the URL counts.</param>
internal sealed class MercureCredentialReader(IReadOnlyList<string> cookies, bool takesUrl)
{
    /// <summary>The parameter of the URL in which 0.x may have a token.</summary>
    public const string InUrl = "authorization";

    private const string Scheme = "Bearer";

    // RFC 6750, section 2.1: b64token.
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    /// <summary>The credential, null where there is none; or what is wrong with the way in which it comes.</summary>
    public Problem? Read(HttpContext context, bool publishing, out MercureCredential? credential)
    {
        credential = null;
        var request = context.Request;
        if (CredentialReader.FindInUrl(request.QueryString, takesUrl ? InUrl : null) is { } parameter)
        {
            return AccessProblems.InUrl(parameter);
        }

        if (request.Headers.Authorization.Count > 0)
        {
            return ReadHeader(request, out credential);
        }

        if (takesUrl && ReadUrl(request.QueryString, out credential) is { } fault)
        {
            return fault;
        }

        return credential is null ? ReadCookies(context, publishing, out credential) : null;
    }

    // RFC 6750, section 3.1: who uses another scheme is told that a token is needed, and nothing else. The header wins over a cookie all the same.
    private static Problem? ReadHeader(HttpRequest request, out MercureCredential? credential)
    {
        credential = null;
        var header = request.Headers.Authorization;
        if (header.Count > 1)
        {
            return AccessProblems.Twice("the header Authorization");
        }

        var text = (header[0] ?? "").AsSpan().Trim(' ');
        var end = text.IndexOf(' ');
        if (!(end < 0 ? text : text[..end]).Equals(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var token = end < 0 ? "" : text[end..].Trim(' ').ToString();
        if (!IsToken(token))
        {
            return MercureProblems.NoToken("header", "Authorization");
        }

        credential = new(token, IsInUrl: false);
        return null;
    }

    private static Problem? ReadUrl(QueryString query, out MercureCredential? credential)
    {
        credential = null;
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            if (!pair.DecodeName().Span.Equals(InUrl, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var token = pair.DecodeValue().ToString();
            if (credential is not null || !IsToken(token))
            {
                return credential is not null ? AccessProblems.Twice($"the parameter {InUrl}") : MercureProblems.NoToken("parameter", InUrl);
            }

            credential = new(token, IsInUrl: true);
        }

        return null;
    }

    private Problem? ReadCookies(HttpContext context, bool publishing, out MercureCredential? credential)
    {
        credential = null;
        foreach (var name in cookies)
        {
            if (CredentialReader.ReadCookie(context.Request, name, out var value) is { } fault)
            {
                return fault;
            }

            if (value is null)
            {
                continue;
            }

            if (!IsToken(value))
            {
                return MercureProblems.NoToken("cookie", name);
            }

            credential = new(value, IsInUrl: false);
            return MercureOrigin.FindFault(context, publishing);
        }

        return null;
    }

    private static bool IsToken(string text) => text.Length > 0 && !text.AsSpan().ContainsAnyExcept(TokenCharacters);
}
