using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Spillway.Problems;

namespace Spillway.Access;

/// <summary>
/// Stands before everything that an open hub answers, pages too, and refuses what is not plainly local: a proxy on the same machine must not publish an open hub by accident,
/// nor a web page reach it from a browser.
/// </summary>
internal sealed class OpenHubGuard
{
    /// <summary>The name of this stage's meter.</summary>
    public const string MeterName = "Spillway.Access";

    private readonly AccessJournal _journal;
    private readonly OriginsGuard _origins;

    public OpenHubGuard(AccessJournal journal, OriginsGuard origins) => (_journal, _origins) = (journal, origins);

    /// <summary>As middleware: <c>app.Use(guard.InvokeAsync)</c>.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (OpenHubRule.FindFault(context, _origins.Current) is not { } fault)
        {
            return next(context);
        }

        _journal.Refused(fault.Reason);
        return ProblemWriter.WriteAsync(context, ProblemOf(fault));
    }

    /// <summary>Before each endpoint of a group, where middleware would also meet the host's own endpoints.</summary>
    public void Protect(IEndpointConventionBuilder endpoints) => endpoints.Finally(endpoint =>
    {
        if (endpoint.RequestDelegate is { } handler)
        {
            endpoint.RequestDelegate = context => InvokeAsync(context, handler);
        }
    });

    private static Problem ProblemOf(OpenHubFault fault)
    {
        var value = Problem.Cut(fault.Value);
        var found = fault.Header.Length == 0 ? $"{value} {fault.Meaning}" : $"The request has {fault.Header} \"{value}\", {fault.Meaning}";
        return Problem.OpenHub($"{found}. An open hub (--access open) answers only its own machine; --access tokens serves others.") with
        {
            Field = fault.Header.Length == 0 ? null : fault.Header,
            Value = fault.Value,
        };
    }
}
