using Microsoft.Extensions.Logging;

namespace Spillway.Backplane;

internal sealed partial class Syncer
{
    private static partial class Log
    {
        [LoggerMessage(2005, LogLevel.Error, "History could not be synced; publishers that wait for it are told that the outcome is unknown. Said again only after it has worked.")]
        public static partial void SyncFailed(ILogger logger, Exception fault);

        [LoggerMessage(2006, LogLevel.Error, "{EventCount} synced events could not be handed to the hub; live subscribers may miss them until they resume.")]
        public static partial void SinkFailed(ILogger logger, Exception fault, int eventCount);
    }
}
