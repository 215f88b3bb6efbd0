using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Spillway.Access;
using Spillway.Access.Tokens;

namespace Spillway.Operations;

/// <summary>Tells, in a log category of its own, who did what as an operator, and what came of it. One line a call; never a credential.</summary>
internal sealed partial class AuditLog(ILoggerFactory loggers)
{
    /// <summary>The category, for those who keep these lines elsewhere.</summary>
    public const string Category = "Spillway.Audit";

    private readonly ILogger _logger = loggers.CreateLogger(Category);

    /// <param name="context">The request.</param>
    /// <param name="ticket">Whose it is.</param>
    /// <param name="call">What was asked for.</param>
    /// <param name="target">Of what, or of whom; empty: of nobody in particular.</param>
    /// <param name="outcome">What came of it.</param>
    public void Note(HttpContext context, AccessTicket ticket, string call, string target, string outcome) =>
        Log.Called(_logger, ShownText.Of(ticket.Subject ?? "nobody in particular"), context.Connection.RemoteIpAddress ?? IPAddress.None, call, ShownText.Of(target), outcome);
}
