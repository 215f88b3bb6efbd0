using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Spillway.Backplane;
using Spillway.Transports.Parked;
using Spillway.Problems;

namespace Spillway.Operations;

/// <summary><c>GET /health/live</c> and <c>GET /health/ready</c>.</summary>
internal static class HealthEndpoint
{
    /// <summary>The process answers; whoever restarts processes need know no more.</summary>
    public static Task HandleLiveAsync(HttpContext context) => AnswerAsync(context, StatusCodes.Status200OK, "live");

    /// <summary>Whether requests should be sent here.</summary>
    public static Task HandleReadyAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var (status, word) = services.GetRequiredService<Readiness>().State switch
        {
            HubState.Starting => (StatusCodes.Status503ServiceUnavailable, "starting"),
            HubState.Stopping => (StatusCodes.Status503ServiceUnavailable, "stopping"),
            _ when services.GetRequiredService<IBackplane>().IsFailing => (StatusCodes.Status503ServiceUnavailable, "failed"),
            _ when services.GetService<SocketTransport>() is { IsAccepting: false } => (StatusCodes.Status503ServiceUnavailable, "full"), // Who asks has a connection already.
            _ => (StatusCodes.Status200OK, "ready"),
        };
        return AnswerAsync(context, status, word);
    }

    private static Task AnswerAsync(HttpContext context, int status, string word)
    {
        context.Response.StatusCode = status;
        return JsonAnswer.WriteAsync(context, word, static (json, word) => json.WriteString("status"u8, word));
    }
}
