using Microsoft.Extensions.Logging;

namespace Spillway.Ingress;

internal sealed partial class PublishResponder
{
    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Debug, "Refused a request to publish ({Problem}): {Detail}")]
        public static partial void RequestRefused(ILogger logger, string problem, string detail);

        [LoggerMessage(1003, LogLevel.Trace, "Refused {EventCount} events of a stream ({Problem}): {Detail}")]
        public static partial void EventsRefused(ILogger logger, int eventCount, string problem, string detail);
    }
}
