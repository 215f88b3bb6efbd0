using Microsoft.Extensions.Logging;
using Spillway.Delivery;

namespace Spillway.Transports.WebSocket;

internal sealed partial class WebSocketEndpoint
{
    private static partial class Log
    {
        [LoggerMessage(5011, LogLevel.Debug, "WebSocket {ConnectionId} opened over {Protocol} from {Resume}.")]
        public static partial void Opened(ILogger logger, string connectionId, string protocol, string resume);

        [LoggerMessage(5012, LogLevel.Debug, "WebSocket {ConnectionId} ended: {Reason}.")]
        public static partial void Ended(ILogger logger, string connectionId, CloseReason reason);

        [LoggerMessage(5014, LogLevel.Debug, "WebSocket {ConnectionId} did not take its first message within {WriteStall}.")]
        public static partial void OpeningStalled(ILogger logger, string connectionId, TimeSpan writeStall);

        [LoggerMessage(5015, LogLevel.Error, "What a client of a WebSocket sent could not be answered; its connection was closed.")]
        public static partial void CommandFailed(ILogger logger, Exception fault);

        [LoggerMessage(5013, LogLevel.Debug, "Refused a WebSocket: {Reason}.")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
