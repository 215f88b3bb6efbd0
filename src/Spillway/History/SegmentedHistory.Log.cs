using Microsoft.Extensions.Logging;

namespace Spillway.History;

internal sealed partial class SegmentedHistory
{
    private static partial class Log
    {
        [LoggerMessage(2510, LogLevel.Information, "History opened at {Cursor}: {Events} events, {Bytes} bytes, {Segments} segments.")]
        public static partial void Opened(ILogger logger, string cursor, long events, long bytes, int segments);

        [LoggerMessage(2512, LogLevel.Warning, "Behind offset {Offset} a file of history was not known to be synced, after a crash or a failure: {Events} events of it moved to a new one, and are synced now. None is lost.")]
        public static partial void Repaired(ILogger logger, long offset, long events);

        [LoggerMessage(2513, LogLevel.Error, "What history has not synced could not be moved to a new file; tried again in {Delay}.")]
        public static partial void RepairFailed(ILogger logger, Exception fault, TimeSpan delay);

        [LoggerMessage(2514, LogLevel.Warning, "History could not be synced when it was closed: the next start takes it for a crash.")]
        public static partial void NotSynced(ILogger logger, Exception fault);

        [LoggerMessage(2515, LogLevel.Error, "No file could be begun for new events: history can be read, and written once the disk allows it.")]
        public static partial void NotBegun(ILogger logger, Exception fault);

        [LoggerMessage(2526, LogLevel.Error, "History is damaged between offsets {From} and {To}: what cannot be read is skipped, subscribers are told a gap.")]
        public static partial void DamageFound(ILogger logger, long from, long to);

        [LoggerMessage(2511, LogLevel.Warning, "What has become too old stays: no new segment could be begun.")]
        public static partial void TrimFailed(ILogger logger, Exception fault);
    }
}
