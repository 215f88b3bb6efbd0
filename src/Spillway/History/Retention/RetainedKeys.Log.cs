using Microsoft.Extensions.Logging;

namespace Spillway.History.Retention;

internal sealed partial class RetainedKeys
{
    private static partial class Log
    {
        [LoggerMessage(2527, LogLevel.Warning, "{Limit} is reached: values that were not written for the longest are no longer retained, but kept as long as other events. It is told once; raise it to retain them.")]
        public static partial void LetGo(ILogger logger, string limit);
    }
}
