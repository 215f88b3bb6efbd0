using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>Refuses publishers: counted, logged, answered.</summary>
internal sealed partial class PublishResponder(IngressMetrics metrics, ILogger<PublishResponder> logger)
{
    public Task RefuseAsync(HttpContext context, Problem problem, int events = 1)
    {
        Count(problem, events);
        return ProblemWriter.WriteAsync(context, problem);
    }

    /// <summary>Counts and logs a refusal that is told later, among others.</summary>
    public void Count(Problem problem, int events = 1)
    {
        metrics.Refused(problem, events);
        Log.Refused(logger, events, problem.Name, problem.Detail);
    }
}
