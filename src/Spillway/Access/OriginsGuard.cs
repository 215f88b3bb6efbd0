using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Spillway.Problems;

namespace Spillway.Access;

/// <summary>
/// Stands before the gate of endpoints that pages of other origins may use: answers what browsers ask beforehand, tells who may read an answer, and refuses WebSockets of pages that may not, which no
/// browser asks about. As their metadata it says whose cookies count there.
/// </summary>
/// <remarks>CORS of our own, not ASP.NET Core's middleware: that is the host's, stands before all endpoints, and needs a place in the host's pipeline. Where a host uses it for these endpoints, it has the last word.</remarks>
internal sealed class OriginsGuard : IReloadable
{
    private readonly AccessJournal _journal;
    private readonly AccessMode _mode;
    private volatile Origins _current;
    private string _digest;

    public OriginsGuard(IOptions<SpillwayOptions> options, AccessJournal journal)
    {
        var access = options.Value.Access; // Checked when the host started.
        (_journal, _mode, _current, _digest) = (journal, access.Mode, OriginsReader.Read(access, []), DigestOf(access));
    }

    /// <summary>Who is listed now.</summary>
    public Origins Current => _current;

    /// <summary>Puts a guard before each endpoint of a group.</summary>
    /// <param name="endpoints">The group.</param>
    /// <param name="guard">The guard, asked for when the endpoints are made.</param>
    /// <param name="asksForSocket">Whether a request asks for a WebSocket.</param>
    public static void Protect(IEndpointConventionBuilder endpoints, Func<OriginsGuard> guard, Func<HttpContext, bool> asksForSocket) => endpoints.Finally(endpoint =>
    {
        if (endpoint.RequestDelegate is { } handler)
        {
            var own = guard();
            endpoint.Metadata.Add(own);
            endpoint.RequestDelegate = context => own.InvokeAsync(context, asksForSocket(context), handler);
        }
    });

    /// <summary>Makes another list ready, for requests that come from then on. Where the mode changes, it waits for a restart with it.</summary>
    public PreparedChange? Prepare(SpillwayOptions options)
    {
        var (next, digest) = (OriginsReader.Read(options.Access, []), DigestOf(options.Access));
        return digest == _digest || options.Access.Mode != _mode ? null : new PreparedChange(() => (_current, _digest) = (next, digest), static () => { });
    }

    /// <summary>Has a request served, or answers it. What is served is not waited for: streams last for hours.</summary>
    public Task InvokeAsync(HttpContext context, bool asksForSocket, RequestDelegate next)
    {
        var (origins, headers) = (_current, context.Request.Headers);
        var origin = headers.Origin;
        if (asksForSocket)
        {
            return CookieOrigin.IsOwn(headers) || origins.AdmitsSocket(origin) ? next(context) : RefuseAsync(context, AccessProblems.ForeignPage(origin.ToString(), "asks for a WebSocket"));
        }

        origins.Tell(origin, context.Response.Headers);
        if (!IsPreflight(context.Request))
        {
            return next(context);
        }

        if (!origins.AdmitsReading(origin))
        {
            return RefuseAsync(context, AccessProblems.ForeignPage(origin.ToString(), "wants to use the hub"));
        }

        origins.TellPreflight(context.Response.Headers);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>Fetch Standard, section 3.3.3: what a browser asks before it sends what a form could not have sent. It carries no credential.</summary>
    private static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.Origin.Count > 0 && request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod);

    private static string DigestOf(AccessOptions options) => OptionDigest.Of(new { options.Origins, options.OriginCredentials, options.PreflightMaxAge });

    private Task RefuseAsync(HttpContext context, Problem problem)
    {
        _journal.Note(problem);
        return ProblemWriter.WriteAsync(context, problem);
    }
}
