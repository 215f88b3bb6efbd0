using Microsoft.Extensions.Logging;
using Spillway.Delivery;

namespace Spillway.Transports.Polling;

internal sealed partial class PollEndpoint
{
    private static partial class Log
    {
        [LoggerMessage(5021, LogLevel.Debug, "Refused a poll: {Reason}.")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(5022, LogLevel.Debug, "Poll {ConnectionId} ended: {Reason}.")]
        public static partial void Ended(ILogger logger, string connectionId, CloseReason reason);

        [LoggerMessage(5023, LogLevel.Information, "Poll {ConnectionId} did not take its answer within {Limit} (Sse:WriteStall); it was reset.")]
        public static partial void Stalled(ILogger logger, string connectionId, TimeSpan limit);
    }
}
