using Microsoft.Extensions.Logging;

namespace Spillway.Transports.Parked;

internal sealed partial class AcceptGate
{
    private static partial class Log
    {
        [LoggerMessage(5032, LogLevel.Warning,
            "The process has opened descriptor {Number}, where the reserve of Transports:DescriptorReserve begins: no connection is accepted until some are free. Raise the limit (ulimit -n, LimitNOFILE), or lower Limits:Connections.")]
        public static partial void DescriptorsRunOut(ILogger logger, long number);

        [LoggerMessage(5033, LogLevel.Warning, "Accepting a connection failed ({Error}); it is tried again ten times a second until it succeeds.")]
        public static partial void AcceptFailed(ILogger logger, string error);

        [LoggerMessage(5034, LogLevel.Information, "Connections are accepted again.")]
        public static partial void Resumed(ILogger logger);
    }
}
