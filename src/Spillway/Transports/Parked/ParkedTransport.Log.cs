using Microsoft.Extensions.Logging;

namespace Spillway.Transports.Parked;

internal sealed partial class ParkedTransport
{
    private static partial class Log
    {
        [LoggerMessage(5040, LogLevel.Warning, "A connection was closed because the kernel does not watch its socket (error {Error} of epoll_ctl); see fs.epoll.max_user_watches.")]
        public static partial void NotWatched(ILogger logger, int error);

        [LoggerMessage(5041, LogLevel.Error, "What a client of a WebSocket sent could not be answered; its connection was closed.")]
        public static partial void CommandFailed(ILogger logger, Exception fault);

        [LoggerMessage(5042, LogLevel.Warning,
            "A middleware changes what is written to subscribers (response compression, output caching or buffering, say): such connections stay with the web server, at many times the memory. "
            + "Let it pass the paths of the hub's subscribers by (app.UseWhen). spillway.transports.hosted_streams counts them; this is told once.")]
        public static partial void MiddlewareBetween(ILogger logger);
    }
}
