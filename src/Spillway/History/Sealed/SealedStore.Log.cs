using Microsoft.Extensions.Logging;

namespace Spillway.History.Sealed;

internal sealed partial class SealedStore
{
    private static partial class Log
    {
        [LoggerMessage(2520, LogLevel.Warning, "{Path} could not be written; the index is made from its segment whenever it is wanted.")]
        public static partial void SidecarNotWritten(ILogger logger, Exception fault, string path);

        [LoggerMessage(2521, LogLevel.Warning, "{Path} is missing or damaged: it was made again from its segment.")]
        public static partial void SidecarRebuilt(ILogger logger, string path);

        [LoggerMessage(2522, LogLevel.Warning, "{Path} is damaged, and its events are no longer kept: gaps in it have no count.")]
        public static partial void IndexLost(ILogger logger, string path);

        [LoggerMessage(2523, LogLevel.Warning, "{Path} could not be deleted; delete it by hand.")]
        public static partial void NotDeleted(ILogger logger, Exception fault, string path);
    }
}
