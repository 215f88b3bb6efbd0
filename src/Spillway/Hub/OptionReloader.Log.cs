using Microsoft.Extensions.Logging;

namespace Spillway.Hub;

internal sealed partial class OptionReloader
{
    private static partial class Log
    {
        [LoggerMessage(3003, LogLevel.Information, "Changed rules are in force: {Rules} of them.")]
        public static partial void Applied(ILogger logger, int rules);

        [LoggerMessage(3004, LogLevel.Error, "The changed configuration is refused, and all stays as it was: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(3005, LogLevel.Warning, "Changed, and not in force before a restart: {Keys}.")]
        public static partial void NeedsRestart(ILogger logger, string keys);

        [LoggerMessage(3006, LogLevel.Information, "The configuration was read again; nothing that the hub takes over has changed.")]
        public static partial void Unchanged(ILogger logger);
    }
}
