using Microsoft.Extensions.Logging;

namespace Spillway.Mercure.Active;

internal sealed partial class SubscriptionAnnouncer
{
    private static partial class Log
    {
        [LoggerMessage(8020, LogLevel.Warning, "Subscription events could not be published; they are tried again, and those behind them wait.")]
        public static partial void NotTold(ILogger logger, Exception fault);

        [LoggerMessage(8021, LogLevel.Debug, "A subscription event was left out: {Reason}")]
        public static partial void Skipped(ILogger logger, string reason);

        [LoggerMessage(8022, LogLevel.Warning, "History takes no subscription events now ({Status}); they are tried again, and those behind them wait.")]
        public static partial void NotTaken(ILogger logger, string status);
    }
}
