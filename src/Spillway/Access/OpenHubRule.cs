using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Spillway.Access;

/// <summary>The rule "Open hubs" of docs/protocol.md, section 6: whether a request is plainly local.</summary>
internal static class OpenHubRule
{
    private const string FromProxy = "so it came by a proxy, which lets others in";

    /// <summary>The first fault of a request; null where it has none.</summary>
    /// <param name="context">The request.</param>
    /// <param name="origins">Origins that the operator has named: what asks on behalf of their pages is meant to.</param>
    public static OpenHubFault? FindFault(HttpContext context, Origins origins)
    {
        var headers = context.Request.Headers;
        return FaultOfAddress("local", context.Connection.LocalIpAddress)
            ?? FaultOfAddress("remote", context.Connection.RemoteIpAddress)
            ?? FaultOfHost(headers.Host, out var port)
            ?? FaultOfProxy(headers)
            ?? FaultOfOrigin(headers.Origin, port ?? DefaultPort(context.Request.Scheme), origins)
            ?? FaultOfReferer(headers, origins);
    }

    // In-process test servers and Unix sockets have no address; what has one must show that it is this machine's own.
    private static OpenHubFault? FaultOfAddress(string end, IPAddress? address) => address is null || LoopbackHost.IsLoopback(address)
        ? null : new OpenHubFault("address", "", address.ToString(), $"is the connection's {end} address, which is not a loopback one");

    private static OpenHubFault? FaultOfHost(StringValues host, out int? port)
    {
        port = null;
        return host.Count == 1 && LoopbackHost.TryParse(host[0] ?? "", out port)
            ? null : new OpenHubFault("host", "Host", host.ToString(), "which is not a loopback name like localhost or 127.0.0.1");
    }

    private static OpenHubFault? FaultOfProxy(IHeaderDictionary headers)
    {
        foreach (var (name, value) in headers)
        {
            if (IsFromProxy(name))
            {
                return new OpenHubFault("proxy", name, value.ToString(), FromProxy);
            }
        }

        return null;
    }

    private static bool IsFromProxy(string header)
    {
        // Some servers write underscores for hyphens, and application gateways pass them on.
        var name = header.Contains('_', StringComparison.Ordinal) ? header.Replace('_', '-') : header;
        return Begins("Forwarded") || Begins("X-Forwarded") || Begins("X-Real-") || Begins("X-ProxyUser-")
            || Begins("X-Original-") // Where ASP.NET Core's middleware for forwarded headers keeps what it has used up.
            || Is("Via") || Is("CDN-Loop") || Ends("Client-IP") || Ends("Connecting-IP") || Ends("Envoy-External-Address");

        bool Begins(string text) => name.StartsWith(text, StringComparison.OrdinalIgnoreCase);
        bool Ends(string text) => name.EndsWith(text, StringComparison.OrdinalIgnoreCase);
        bool Is(string text) => name.Equals(text, StringComparison.OrdinalIgnoreCase);
    }

    // A browser says the page's origin on every request that could change something or be read by a page of another origin.
    private static OpenHubFault? FaultOfOrigin(StringValues origin, int port, Origins origins)
    {
        if (origin.Count == 0 || origins.Has(origin))
        {
            return null;
        }

        var text = origin.Count == 1 ? origin[0] ?? "" : "";
        var scheme = text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http"
            : text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https" : "";
        return scheme.Length > 0 && LoopbackHost.TryParse(text[(scheme.Length + 3)..], out var own) && (own ?? DefaultPort(scheme)) == port
            ? null : new OpenHubFault("origin", "Origin", origin.ToString(), "so a page that is not the hub's own sent it");
    }

    // A proxy that adds no header and names us in Host gives itself away by the pages it shows: they refer to the name they were asked for by.
    // Following a link from a page of another site is harmless, and has such a Referer, too.
    private static OpenHubFault? FaultOfReferer(IHeaderDictionary headers, Origins origins)
    {
        var mode = headers["Sec-Fetch-Mode"];
        if (mode.Count == 0 || headers.Referer.Count == 0 || string.Equals(mode.ToString(), "navigate", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return Uri.TryCreate(headers.Referer.ToString(), UriKind.Absolute, out var page)
            && (LoopbackHost.TryParse(page.Authority, out _) || origins.Has(page.GetLeftPart(UriPartial.Authority)))
            ? null : new OpenHubFault("origin", HeaderNames.Referer, headers.Referer.ToString(), "so a page that this machine does not serve sent it");
    }

    private static int DefaultPort(string scheme) => string.Equals(scheme, "https", StringComparison.OrdinalIgnoreCase) ? 443 : 80;
}
