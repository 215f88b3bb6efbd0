using Microsoft.Extensions.Logging;

namespace Spillway.Transports.Parked;

internal sealed partial class IoThread
{
    private static partial class Log
    {
        [LoggerMessage(5031, LogLevel.Error, "The transport's I/O thread failed with one socket, which is closed; the others go on. This is a defect: please report it.")]
        public static partial void SocketFailed(ILogger logger, Exception exception);
    }
}
