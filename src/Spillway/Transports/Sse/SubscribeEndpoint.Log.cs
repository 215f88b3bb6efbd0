using Microsoft.Extensions.Logging;
using Spillway.Delivery;

namespace Spillway.Transports.Sse;

internal sealed partial class SubscribeEndpoint
{
    private static partial class Log
    {
        [LoggerMessage(5001, LogLevel.Debug, "Connection {ConnectionId} opened over {Protocol} from {Resume}.")]
        public static partial void Opened(ILogger logger, string connectionId, string protocol, string resume);

        [LoggerMessage(5002, LogLevel.Debug, "Connection {ConnectionId} ended: {Reason}.")]
        public static partial void Ended(ILogger logger, string connectionId, CloseReason reason);

        [LoggerMessage(5003, LogLevel.Debug, "Refused a subscription: {Reason}.")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(5004, LogLevel.Information, "Connection {ConnectionId} did not take its first bytes within {Limit} (Sse:WriteStall); it was reset.")]
        public static partial void OpeningStalled(ILogger logger, string connectionId, TimeSpan limit);
    }
}
