using Microsoft.Extensions.Logging;

namespace Spillway.Ingress;

internal sealed partial class PublishResponder
{
    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Debug, "Refused {EventCount} events ({Problem}): {Detail}")]
        public static partial void Refused(ILogger logger, int eventCount, string problem, string detail);
    }
}
