using Microsoft.Extensions.Logging;

namespace Spillway.History.Storage;

internal sealed partial class SegmentFile
{
    private static partial class Log
    {
        [LoggerMessage(2505, LogLevel.Warning, "{Path} could not be deleted; delete it by hand, or its events come back at the next start.")]
        public static partial void NotDeleted(ILogger logger, Exception fault, string path);

        [LoggerMessage(2506, LogLevel.Warning, "{Path} could not be cut behind its last whole record.")]
        public static partial void NotCut(ILogger logger, Exception fault, string path);
    }
}
