using Microsoft.Extensions.Logging;

namespace Spillway.Access;

internal sealed partial class AccessJournal
{
    private static partial class Log
    {
        [LoggerMessage(6010, LogLevel.Debug, "Refused access ({Reason}) to {Subject}: {Detail}")]
        public static partial void Refused(ILogger logger, string reason, string subject, string detail);
    }
}
