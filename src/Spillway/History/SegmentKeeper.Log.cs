using Microsoft.Extensions.Logging;

namespace Spillway.History;

internal sealed partial class SegmentKeeper
{
    private static partial class Log
    {
        [LoggerMessage(2525, LogLevel.Error, "Sealing segments of the history failed; it is tried again with the next one, and until then their records stay in memory.")]
        public static partial void Failed(ILogger logger, Exception fault);
    }
}
