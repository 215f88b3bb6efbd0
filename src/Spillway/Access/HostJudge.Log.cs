using Microsoft.Extensions.Logging;

namespace Spillway.Access;

internal sealed partial class HostJudge
{
    private static partial class Log
    {
        [LoggerMessage(6013, LogLevel.Error, "The host's IAccessCallback failed, and the request was answered with 503.")]
        public static partial void Failed(ILogger logger, Exception fault);

        [LoggerMessage(6014, LogLevel.Error, "The host's IAccessCallback did not answer within {Timeout}, and the request was answered with 503.")]
        public static partial void Late(ILogger logger, TimeSpan timeout);

        [LoggerMessage(6015, LogLevel.Error, "The decision of the host's IAccessCallback cannot be used, and the request was answered with 503: {Fault}")]
        public static partial void Unusable(ILogger logger, string fault);
    }
}
