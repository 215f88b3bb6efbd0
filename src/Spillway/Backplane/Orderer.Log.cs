using Microsoft.Extensions.Logging;

namespace Spillway.Backplane;

internal sealed partial class Orderer
{
    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Error, "Events could not be committed; their publishers are told that the outcome is unknown. Said again only after it has worked.")]
        public static partial void CommitFailed(ILogger logger, Exception fault);

        [LoggerMessage(2002, LogLevel.Information, "Events can be committed again; {FailedBatches} batches had failed.")]
        public static partial void CommitRecovered(ILogger logger, long failedBatches);

        [LoggerMessage(2003, LogLevel.Error, "{EventCount} committed events could not be handed to the hub; live subscribers may miss them until they resume.")]
        public static partial void SinkFailed(ILogger logger, Exception fault, int eventCount);
    }
}
