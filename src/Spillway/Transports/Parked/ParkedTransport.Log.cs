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
    }
}
