using Microsoft.Extensions.Logging;

namespace Spillway.History.Sealed;

internal sealed partial class DirectoryCleaner
{
    private static partial class Log
    {
        [LoggerMessage(2524, LogLevel.Warning, "{Path} could not be rewritten without what retention takes: it stays as it is, and is tried again.")]
        public static partial void NotCleaned(ILogger logger, Exception fault, string path);
    }
}
