using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Spillway.Access.Tokens;
using Spillway.Problems;

namespace Spillway.Access;

/// <summary>Counts and logs who was not let in, and why. Never what was presented.</summary>
internal sealed partial class AccessJournal
{
    private readonly Counter<long> _refused;
    private readonly Counter<long> _decided;
    private readonly ILogger _logger;

    public AccessJournal(IMeterFactory meters, ILogger<AccessJournal> logger)
    {
        _logger = logger;
        var meter = meters.Create(OpenHubGuard.MeterName);
        _refused = meter.CreateCounter<long>("spillway.access.refused_requests", "{request}", "Requests, commands and events refused for want of access, by reason.");
        _decided = meter.CreateCounter<long>("spillway.access.callbacks", "{request}", "Requests about which the host's IAccessCallback was asked, by result: granted, refused, none, failed, or late.");
    }

    /// <summary>Notes a problem, where access is what it is about.</summary>
    public void Note(Problem problem)
    {
        if (problem.Access is not { } note)
        {
            return;
        }

        Refused(note.Reason);
        if (_logger.IsEnabled(LogLevel.Debug))
        {
            Log.Refused(_logger, note.Reason, note.Subject is null ? "nobody known" : ShownText.Of(note.Subject), problem.Detail);
        }
    }

    /// <summary>Counts what the host said.</summary>
    public void Decided(string result) => _decided.Add(1, new KeyValuePair<string, object?>("result", result));

    /// <summary>Counts a refusal.</summary>
    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
