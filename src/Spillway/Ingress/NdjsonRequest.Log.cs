using Microsoft.Extensions.Logging;

namespace Spillway.Ingress;

internal sealed partial class NdjsonRequest
{
    private static partial class Log
    {
        [LoggerMessage(1002, LogLevel.Debug, "A publisher's stream ended after {LineCount} lines: {AcceptedCount} events added, {DuplicateCount} there before, {ErrorCount} refused.")]
        public static partial void StreamEnded(ILogger logger, long lineCount, long acceptedCount, long duplicateCount, long errorCount);
    }
}
