using Microsoft.Extensions.Logging;

namespace Spillway.History.Sealed;

internal sealed partial class DirectoryCleaner
{
    private static partial class Log
    {
        [LoggerMessage(2524, LogLevel.Warning, "{Path} could not be made anew without what retention takes: what there is stays as it is, and it is tried again.")]
        public static partial void NotCleaned(ILogger logger, Exception fault, string path);
    }
}
