using Microsoft.Extensions.Logging;

namespace Spillway.History.Storage;

internal sealed partial class SegmentFinder
{
    private static partial class Log
    {
        [LoggerMessage(2503, LogLevel.Warning, "{Path} has no readable header or belongs to another history: it was renamed to {NewPath}.")]
        public static partial void SetAside(ILogger logger, string path, string newPath);

        [LoggerMessage(2504, LogLevel.Warning, "{Path} had not been begun: it was deleted.")]
        public static partial void StubDeleted(ILogger logger, string path);

        [LoggerMessage(2516, LogLevel.Warning, "{Path} was replaced by a later file, or never finished: it was deleted.")]
        public static partial void DeadDeleted(ILogger logger, string path);
    }
}
