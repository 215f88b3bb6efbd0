using Microsoft.Extensions.Logging;

namespace Spillway.Hub;

internal sealed partial class PushHub
{
    [LoggerMessage(3001, LogLevel.Warning, "{Connections} connections had not taken their last bytes within the grace period and were cut; they may resume.")]
    private static partial void GraceExceeded(ILogger logger, int connections);
}
