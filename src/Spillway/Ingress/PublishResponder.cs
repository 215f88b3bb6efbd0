using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Spillway.Access;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>Refuses publishers: counted, logged, answered.</summary>
internal sealed partial class PublishResponder(IngressMetrics metrics, AccessJournal journal, ILogger<PublishResponder> logger)
{
    public Task RefuseAsync(HttpContext context, Problem problem, int events = 1)
    {
        metrics.Refused(problem, events);
        journal.Note(problem);
        Log.RequestRefused(logger, problem.Name, problem.Detail);
        return ProblemWriter.WriteAsync(context, problem);
    }

    /// <summary>Counts and logs a refusal within a stream, which is told at its end.</summary>
    public void Count(Problem problem, int events = 1)
    {
        metrics.Refused(problem, events);
        journal.Note(problem);
        Log.EventsRefused(logger, events, problem.Name, problem.Detail);
    }
}
