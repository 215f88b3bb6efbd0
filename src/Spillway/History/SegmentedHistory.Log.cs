using Microsoft.Extensions.Logging;

namespace Spillway.History;

internal sealed partial class SegmentedHistory
{
    private static partial class Log
    {
        [LoggerMessage(2510, LogLevel.Information, "History opened at {Cursor}: {Events} events, {Bytes} bytes, {Segments} segments.")]
        public static partial void Opened(ILogger logger, string cursor, long events, long bytes, int segments);

        [LoggerMessage(2511, LogLevel.Warning, "What has become too old stays: no new segment could be begun.")]
        public static partial void TrimFailed(ILogger logger, Exception fault);
    }
}
