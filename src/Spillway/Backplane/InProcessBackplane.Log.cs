using Microsoft.Extensions.Logging;

namespace Spillway.Backplane;

internal sealed partial class InProcessBackplane
{
    private static partial class Log
    {
        [LoggerMessage(2004, LogLevel.Warning, "The publishers' ids could not be read back from history; events published again after this start may be added twice.")]
        public static partial void RestoreFailed(ILogger logger, Exception fault);
    }
}
