using Microsoft.AspNetCore.Http;
using Spillway.Access;
using Spillway.Problems;

namespace Spillway.Mercure;

/// <summary>Where a request must come from whose token is a cookie (A8): browsers add it to what any page asks for.</summary>
internal static class MercureOrigin
{
    /// <summary>Why a request may not use its cookie; null: it may. Where a browser says no origin, its <c>Referer</c> counts; who publishes has to say one of them.</summary>
    public static Problem? FindFault(HttpContext context, bool publishing)
    {
        var headers = context.Request.Headers;
        if (headers.Origin.Count > 0)
        {
            return CookieOrigin.FindFault(context);
        }

        if (headers["Sec-Fetch-Site"] is { Count: > 0 } site)
        {
            // What a page of another origin has a browser fetch without saying Origin, it cannot read; but what it publishes would be published.
            return publishing && site.ToString() is not ("same-origin" or "none") ? AccessProblems.NoOrigin() : null;
        }

        if (headers.Referer.Count == 0)
        {
            return publishing ? AccessProblems.NoOrigin() : null; // What a page of another origin has it fetch, it cannot read.
        }

        var page = Uri.TryCreate(headers.Referer.ToString(), UriKind.Absolute, out var referer) ? referer.GetLeftPart(UriPartial.Authority) : "";
        return CookieOrigin.IsOfHost(page, headers) || CookieOrigin.IsListed(context, page) ? null : AccessProblems.ForeignOrigin(headers.Referer.ToString());
    }
}
