using System.Collections.Frozen;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Spillway.Access;

/// <summary>The origins whose pages may use a hub from a browser, and what their browsers are told. Immutable.</summary>
/// <param name="named">Those that are listed, as browsers write them (RFC 6454, section 6.2).</param>
/// <param name="isAnyone">Whether the list is <c>*</c>.</param>
/// <param name="allowCredentials">Whether pages of named origins may use the cookie.</param>
/// <param name="maxAge">How long a browser may remember the answer to a preflight.</param>
internal sealed class Origins(IEnumerable<string> named, bool isAnyone, bool allowCredentials, TimeSpan maxAge)
{
    /// <summary>Every origin; never with credentials.</summary>
    public const string Anyone = "*";

    private const string Methods = "GET, POST, QUERY, DELETE";
    private const string Exposed = "Retry-After, WWW-Authenticate";

    // Every header that docs/protocol.md names; what browsers let pass unasked is none of it.
    private const string Headers = "Authorization, Content-Type, Last-Event-ID, Cache-Control, Idempotency-Key, traceparent, Spillway-Client, Spillway-Id, Spillway-Type, Spillway-Key, "
        + "Spillway-Priority, Spillway-Ttl, Spillway-Private, Spillway-Final, Spillway-Alternate";

    private readonly FrozenSet<string> _named = named.ToFrozenSet(StringComparer.Ordinal);
    private readonly string _maxAge = ((long)maxAge.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    public static Origins None { get; } = new([], isAnyone: false, allowCredentials: false, TimeSpan.Zero);

    /// <summary>Whether pages of named origins may use the cookie.</summary>
    public bool AllowCredentials => allowCredentials;

    /// <summary>Whether the list has exactly this origin. <c>*</c> has none.</summary>
    public bool Has(StringValues origin) => origin.Count == 1 && origin[0] is { } text && _named.Contains(text);

    /// <summary>Whether a page of this origin may open a WebSocket, which no browser asks beforehand. <c>null</c> says every page that is of nowhere: it is never listed.</summary>
    public bool AdmitsSocket(StringValues origin) => Has(origin) || (isAnyone && origin.Count == 1 && origin[0] is not ("null" or "" or null));

    /// <summary>Whether a page of this origin may read answers.</summary>
    public bool AdmitsReading(StringValues origin) => isAnyone || Has(origin);

    /// <summary>Says in an answer who may read it. Whatever its status: a page cannot read a refusal either without.</summary>
    public void Tell(StringValues origin, IHeaderDictionary response)
    {
        if (isAnyone)
        {
            response.AccessControlAllowOrigin = Anyone;
        }
        else if (_named.Count > 0)
        {
            response.Append(HeaderNames.Vary, HeaderNames.Origin); // Also where it is not listed, or not there: another one is told something else.
            if (!Has(origin))
            {
                return;
            }

            response.AccessControlAllowOrigin = origin;
            if (allowCredentials)
            {
                response.AccessControlAllowCredentials = "true";
            }
        }
        else
        {
            return;
        }

        response.AccessControlExposeHeaders = Exposed;
    }

    /// <summary>Says what may be asked for, in the answer to a preflight.</summary>
    public void TellPreflight(IHeaderDictionary response)
    {
        response.AccessControlAllowMethods = Methods;
        response.AccessControlAllowHeaders = Headers;
        response.AccessControlMaxAge = _maxAge;
    }
}
