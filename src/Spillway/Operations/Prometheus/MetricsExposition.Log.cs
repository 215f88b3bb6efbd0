using Microsoft.Extensions.Logging;

namespace Spillway.Operations.Prometheus;

internal sealed partial class MetricsExposition
{
    private static partial class Log
    {
        [LoggerMessage(9001, LogLevel.Warning, "A metric could not be read; its samples are missing from this scrape.")]
        public static partial void ScrapeFailed(ILogger logger, Exception fault);
    }
}
