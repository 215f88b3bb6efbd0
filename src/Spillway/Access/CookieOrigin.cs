using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Spillway.Problems;

namespace Spillway.Access;

/// <summary>
/// Where a request must come from whose credential is a cookie: browsers add it to what any page asks for, and ask nobody before they open a WebSocket or post a form.
/// </summary>
internal static class CookieOrigin
{
    /// <summary>Why a request may not use its cookie; null: it may. Only endpoints that are shared with other origins have an <see cref="OriginsGuard"/>: what operators do has none.</summary>
    public static Problem? FindFault(HttpContext context)
    {
        var headers = context.Request.Headers;
        return IsOwn(headers) || IsListed(context, headers.Origin) ? null : AccessProblems.ForeignOrigin(headers.Origin.ToString());
    }

    /// <summary>Whether pages of an origin may use the cookie, for it is listed.</summary>
    public static bool IsListed(HttpContext context, StringValues origin) =>
        context.GetEndpoint()?.Metadata.GetMetadata<OriginsGuard>()?.Current is { AllowCredentials: true } origins && origins.Has(origin);

    /// <summary>Whether a page of the hub's own origin sent a request, or none did.</summary>
    public static bool IsOwn(IHeaderDictionary headers)
    {
        // No page can set this header. Where a browser has it, it knows the origin better than we do behind a proxy.
        if (headers["Sec-Fetch-Site"].ToString() is "same-origin" or "none")
        {
            return true;
        }

        var origin = headers.Origin;
        if (origin.Count == 0)
        {
            return true; // No browser posts or upgrades without one, and what else a page of another origin has it fetch, it cannot read.
        }

        return IsOfHost(origin.ToString(), headers);
    }

    /// <summary>Whether an origin is the one that a request was sent to.</summary>
    public static bool IsOfHost(string origin, IHeaderDictionary headers)
    {
        var scheme = origin.IndexOf("://", StringComparison.Ordinal);
        return scheme > 0 && headers.Host.Count == 1 && origin.AsSpan(scheme + 3).Equals(headers.Host.ToString(), StringComparison.OrdinalIgnoreCase);
    }
}
