using Microsoft.Extensions.Logging;

namespace Spillway;

internal sealed partial class LimitReload
{
    private static partial class Log
    {
        [LoggerMessage(10_001, LogLevel.Information, "Changed limits are in force: {Keys}.")]
        public static partial void Changed(ILogger logger, string keys);
    }
}
