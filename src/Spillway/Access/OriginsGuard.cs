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
internal sealed class OriginsGuard
{
    private readonly AccessJournal _journal;
    private volatile Origins _current;

    public OriginsGuard(IOptions<SpillwayOptions> options, AccessJournal journal) =>
        (_journal, _current) = (journal, OriginsReader.Read(options.Value.Access, [])); // The options were checked when the host started.

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

    /// <summary>Takes over what changed options list, for requests that come from now on.</summary>
    public void Change(AccessOptions options) => _current = OriginsReader.Read(options, []);

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

    private Task RefuseAsync(HttpContext context, Problem problem)
    {
        _journal.Note(problem);
        return ProblemWriter.WriteAsync(context, problem);
    }
}
